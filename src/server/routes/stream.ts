import type { ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Bus } from "../../bus/index.ts";
import { hasFailed, Limits } from "../../protocol/index.ts";
import { FrameBytes, MJPEG_BOUNDARY, mjpegPart } from "../frame-bytes.ts";
import { LIVE_HEADERS } from "../live-headers.ts";
import type { Placeholders } from "../placeholder/placeholders.ts";
import type { ReaderCount } from "../reader-count.ts";
import { unknownCamera } from "./cameras.ts";
import { pictureTrack, unknownTrack } from "./picture-track.ts";
import { unavailable } from "./snapshot.ts";

const HEADERS = {
  "Content-Type": `multipart/x-mixed-replace; boundary=${MJPEG_BOUNDARY}`,
  ...LIVE_HEADERS,
  "Cross-Origin-Resource-Policy": "same-site",
  "X-Content-Type-Options": "nosniff",
  Connection: "close",
} as const;

/**
 * `/cameras/ID/stream.mjpg`: the newest picture again and again, for everything that reads MJPEG over HTTP. With `?track=NAME` a
 * smaller one. Of a camera that has failed a picture that says so, each second; with `?strict` status 503, or nothing where the
 * stream has begun.
 */
export function streamRoutes(
  app: FastifyInstance,
  bus: Bus,
  readers: ReaderCount,
  placeholders: Placeholders,
): void {
  const parts = new FrameBytes(mjpegPart);

  app.get<{ Params: { id: string }; Querystring: { strict?: string; track?: string } }>(
    "/cameras/:id/stream.mjpg",
    (request, reply) => {
      const camera = bus.camera(request.params.id);
      if (camera === undefined) return unknownCamera(reply);
      const track = pictureTrack(camera, request.query.track);
      if (track === undefined) return unknownTrack(reply, "JPEG");
      const strict = request.query.strict !== undefined;
      if (strict && hasFailed(camera)) {
        return unavailable(reply.header("X-State", camera.state), camera.reason ?? "the camera is gone");
      }
      const place = readers.enter();
      if (place === undefined) {
        return reply.code(503).send({ error: `${Limits.MAX_HTTP_READERS} readers are here already` });
      }
      reply.hijack();
      if (request.method === "HEAD") {
        place[Symbol.dispose]();
        reply.raw.writeHead(200, HEADERS).end();
        return reply;
      }
      reply.raw.once("close", () => place[Symbol.dispose]());
      stream(bus, { camera: camera.id, track }, parts, reply.raw);
      if (!strict) showFailure(camera.id, placeholders, reply.raw);
      return reply;
    },
  );
}

/**
 * Feed one reader until it leaves. It has no way to say when it has painted, so the socket sets the pace: a frame is
 * picked when the one before has left this process. What the kernel holds for a slow reader is beyond our reach.
 */
function stream(
  bus: Bus,
  { camera, track }: { readonly camera: string; readonly track: string },
  parts: FrameBytes,
  response: ServerResponse,
): void {
  // Parts end where the next boundary starts; chunked encoding around them would only be in the way.
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, HEADERS);
  response.write(`--${MJPEG_BOUNDARY}\r\n`);
  let lastSent: number | undefined;
  const pump = (): void => {
    if (response.writableNeedDrain || response.destroyed) return;
    const frame = subscription.after(lastSent);
    if (frame === undefined) return;
    lastSent = frame.sequence;
    response.write(parts.of(frame));
  };
  const subscription = bus.subscribe(camera, track, {
    frame: pump,
    renumbered: () => {
      lastSent = undefined;
    },
  });
  response.on("drain", pump);
  response.on("close", () => subscription.close());
  response.on("error", () => subscription.close());
  pump();
}

/** Show one reader that the camera has failed, as often as its socket takes it. */
function showFailure(camera: string, placeholders: Placeholders, response: ServerResponse): void {
  const stop = placeholders.follow(camera, (part) => {
    if (!response.writableNeedDrain && !response.destroyed) response.write(part);
  });
  response.on("close", stop);
  if (response.destroyed) stop();
}
