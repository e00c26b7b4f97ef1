import type { FastifyInstance } from "fastify";
import { ageMicros, type CameraInfo, type Micros } from "../../protocol/index.ts";
import type { Census, TrackFacts } from "../census.ts";

/** `/cameras` and `/cameras/ID`: what there is, and how it does. */
export function cameraRoutes(app: FastifyInstance, census: Census): void {
  app.get("/cameras", { config: { need: "view" } }, ({ bus }) =>
    bus.cameras().map((camera) => summary(camera)),
  );

  app.get<{ Params: { id: string } }>(
    "/cameras/:id",
    { config: { need: "view" } },
    async (request, reply) => {
      const camera = request.bus.camera(request.params.id);
      if (camera === undefined) return unknownCamera(reply);
      const known = await census({ camera: camera.id });
      const facts = new Map(known.tracks.map((entry) => [entry.track, entry]));
      return {
        ...summary(camera),
        tracks: camera.tracks.map((track) => ({ ...track, ...shown(facts.get(track.name), camera) })),
      };
    },
  );
}

/** Answer that there is no such camera. */
export function unknownCamera(reply: { code(status: number): { send(body: unknown): unknown } }): unknown {
  return reply.code(404).send({ error: "there is no camera with this id; GET /cameras lists them" });
}

/** A camera as JSON has it: times in ISO 8601. */
function summary(camera: CameraInfo): Record<string, unknown> {
  const { since, lastFrameAt, settledAt, ...rest } = camera;
  return { ...rest, since: isoTime(since), lastFrameAt: isoTime(lastFrameAt), settledAt: isoTime(settledAt) };
}

function isoTime(time: Micros | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time / 1000).toISOString();
}

function shown(facts: TrackFacts | undefined, camera: CameraInfo): Record<string, unknown> {
  if (facts === undefined) return {};
  const { capturedAt } = facts;
  return {
    framesPerSecond: Math.round(facts.framesPerSecond * 10) / 10,
    bytesPerSecond: Math.round(facts.bytesPerSecond),
    viewers: facts.viewers,
    overwritten: facts.overwritten,
    sequence: facts.sequence,
    ageMs: capturedAt === undefined ? undefined : Math.round(ageMicros(capturedAt, camera) / 1000),
  };
}
