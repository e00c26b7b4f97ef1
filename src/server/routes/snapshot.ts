import type { FastifyInstance, FastifyReply } from "fastify";
import type { Bus } from "../../bus/index.ts";
import { ageMicros, type CameraInfo, type Frame, hasFailed, Limits } from "../../protocol/index.ts";
import type { Placeholders } from "../placeholder/placeholders.ts";
import type { ReaderCount } from "../reader-count.ts";
import { unknownCamera } from "./cameras.ts";
import { pictureTrack, unknownTrack } from "./picture-track.ts";

/**
 * `/cameras/ID/snapshot.jpg`: one picture, the newest; with `?after=SEQ` another than that one, with `?track=NAME` of another
 * track in JPEG than the whole. Its headers tell how old it is: one that had to be decoded for this may be older than the newest.
 * Of a camera that has failed a picture that says so; with `?strict` status 503.
 */
export function snapshotRoutes(
  app: FastifyInstance,
  bus: Bus,
  readers: ReaderCount,
  placeholders: Placeholders,
): void {
  app.get<{ Params: { id: string }; Querystring: { after?: string; strict?: string; track?: string } }>(
    "/cameras/:id/snapshot.jpg",
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
      if (hasFailed(camera)) return failed(reply, camera, strict, placeholders);
      using place = readers.enter();
      if (place === undefined)
        return unavailable(reply, `${Limits.MAX_HTTP_READERS} readers are here already`);
      const left = new AbortController();
      reply.raw.once("close", () => left.abort());
      const frame = await nextFrame(bus, { camera: camera.id, track, after }, left.signal);
      const present = bus.camera(camera.id) ?? camera;
      if (frame === undefined && hasFailed(present)) return failed(reply, present, strict, placeholders);
      if (frame === undefined) return unavailable(reply, NO_PICTURE);
      return reply
        .header("Content-Type", "image/jpeg")
        .header("Cache-Control", "no-store")
        .header("X-Sequence", frame.sequence)
        .header("X-Captured-At", new Date(frame.capturedAt / 1000).toISOString())
        .header("X-Age-Ms", Math.max(0, ageMicros(frame.capturedAt, present) / 1000).toFixed(1))
        .send(frame.payload);
    },
  );
}

/** The frame after `after` as soon as there is one; `undefined` if the reader leaves or waits for too long. */
async function nextFrame(
  bus: Bus,
  {
    camera,
    track,
    after,
  }: { readonly camera: string; readonly track: string; readonly after: number | undefined },
  signal: AbortSignal,
): Promise<Frame.Frame | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(Limits.SNAPSHOT_TIMEOUT_MS)]);
  let look = (): void => {};
  const subscription = bus.subscribe(camera, track, { frame: () => look(), renumbered: () => {} });
  try {
    return await new Promise((resolve) => {
      look = () => {
        const frame = subscription.after(after);
        // What was taken while the exposure settled is too dark or too bright.
        const settledAt = bus.camera(camera)?.settledAt ?? 0;
        if (frame !== undefined && frame.capturedAt >= settledAt) resolve(frame);
      };
      limit.addEventListener("abort", () => resolve(undefined), { once: true });
      look();
    });
  } finally {
    subscription.close();
  }
}

function readSequence(text: string | undefined): number | undefined | "wrong" {
  if (text === undefined) return undefined;
  const sequence = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return sequence <= Limits.MAX_U32 ? sequence : "wrong";
}

const NO_PICTURE = `no picture came within ${Limits.SNAPSHOT_TIMEOUT_MS / 1000} s`;

function failed(
  reply: FastifyReply,
  camera: CameraInfo,
  strict: boolean,
  placeholders: Placeholders,
): unknown {
  reply.header("X-State", camera.state);
  if (strict) return unavailable(reply, camera.reason ?? "the camera is gone");
  return reply
    .header("Content-Type", "image/jpeg")
    .header("Cache-Control", "no-store")
    .send(placeholders.jpeg(camera));
}

/** Answer that it cannot be had now, and why. */
export function unavailable(
  reply: { code(status: number): { header(key: string, value: number): { send(body: unknown): unknown } } },
  error: string,
): unknown {
  return reply.code(503).header("Retry-After", 1).send({ error });
}
