import type { FastifyInstance } from "fastify";
import type { Bus, TrackFigures } from "../../bus/index.ts";
import { type CameraInfo, type Micros, now } from "../../protocol/index.ts";

/** `/cameras` and `/cameras/ID`: what there is, and how it does. */
export function cameraRoutes(app: FastifyInstance, bus: Bus): void {
  app.get("/cameras", () => bus.cameras().map((camera) => summary(camera)));

  app.get<{ Params: { id: string } }>("/cameras/:id", (request, reply) => {
    const camera = bus.camera(request.params.id);
    if (camera === undefined) return unknownCamera(reply);
    const figures = new Map(bus.figures(camera.id).map((entry) => [entry.track, entry]));
    return {
      ...summary(camera),
      tracks: camera.tracks.map((track) => ({ ...track, ...facts(figures.get(track.name)) })),
    };
  });
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

function facts(figures: TrackFigures | undefined): Record<string, unknown> {
  if (figures === undefined) return {};
  const { newest } = figures;
  return {
    framesPerSecond: Math.round(figures.framesPerSecond * 10) / 10,
    bytesPerSecond: Math.round(figures.bytesPerSecond),
    viewers: figures.subscribers,
    overwritten: figures.overwritten,
    sequence: newest?.sequence,
    ageMs: newest === undefined ? undefined : Math.round((now() - newest.capturedAt) / 1000),
  };
}
