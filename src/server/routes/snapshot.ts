import type { FastifyInstance, FastifyReply } from "fastify";
import type { Bus } from "../../bus/index.ts";
import { ageMicros, Limits } from "../../protocol/index.ts";
import { LIVE_HEADERS } from "../live-headers.ts";
import type { Pictures, Taken } from "../pictures.ts";
import { unknownCamera } from "./cameras.ts";
import { pictureTrack, unknownTrack } from "./picture-track.ts";

/**
 * `/cameras/ID/snapshot.jpg`: one picture, the newest; with `?after=SEQ` another than that one, with `?track=NAME` of another
 * track in JPEG than the whole. Its headers tell how old it is: one that had to be decoded for this may be older than the newest.
 * Of a camera that has failed a picture that says so; with `?strict` status 503.
 */
export function snapshotRoutes(app: FastifyInstance, bus: Bus, pictures: Pictures): void {
  app.get<{ Params: { id: string }; Querystring: { after?: string; strict?: string; track?: string } }>(
    "/cameras/:id/snapshot.jpg",
    { config: { need: "view", pictures: true } },
    async (request, reply) => {
      const camera = bus.camera(request.params.id);
      if (camera === undefined) return unknownCamera(reply);
      const after = readSequence(request.query.after);
      if (after === "wrong") {
        return reply.code(400).send({ error: `after must be a sequence from 0 to ${Limits.MAX_U32}` });
      }
      const track = pictureTrack(camera, request.query.track);
      if (track === undefined) return unknownTrack(reply, "JPEG");
      const strict = request.query.strict !== undefined;
      const taken = await pictures.take(camera, { track, after }, reply.raw);
      if (taken.kind === "failed") return failed(reply, taken, strict);
      if (taken.kind === "none") return unavailable(reply, taken.reason);
      const { frame } = taken;
      return reply
        .header("Content-Type", "image/jpeg")
        .headers(LIVE_HEADERS)
        .header("X-Sequence", frame.sequence)
        .header("X-Captured-At", new Date(frame.capturedAt / 1000).toISOString())
        .header(
          "X-Age-Ms",
          Math.max(0, ageMicros(frame.capturedAt, bus.camera(camera.id) ?? camera) / 1000).toFixed(1),
        )
        .send(frame.payload);
    },
  );
}

function readSequence(text: string | undefined): number | undefined | "wrong" {
  if (text === undefined) return undefined;
  const sequence = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return sequence <= Limits.MAX_U32 ? sequence : "wrong";
}

function failed(
  reply: FastifyReply,
  { camera, jpeg }: Extract<Taken, { kind: "failed" }>,
  strict: boolean,
): unknown {
  reply.header("X-State", camera.state);
  if (strict) return unavailable(reply, camera.reason ?? "the camera is gone");
  return reply.header("Content-Type", "image/jpeg").headers(LIVE_HEADERS).send(jpeg);
}

/** Answer that it cannot be had now, and why. */
export function unavailable(
  reply: { code(status: number): { header(key: string, value: number): { send(body: unknown): unknown } } },
  error: string,
): unknown {
  return reply.code(503).header("Retry-After", 1).send({ error });
}
