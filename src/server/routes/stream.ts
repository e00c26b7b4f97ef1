import type { FastifyInstance } from "fastify";
import type { Bus } from "../../bus/index.ts";
import { hasFailed } from "../../protocol/index.ts";
import { LIVE_HEADERS } from "../live-headers.ts";
import { multipartForm, type Part } from "../picture-stream.ts";
import type { Pictures } from "../pictures.ts";
import { unknownCamera } from "./cameras.ts";
import { pictureTrack, unknownTrack } from "./picture-track.ts";
import { unavailable } from "./snapshot.ts";

/** Boundary between the parts of `stream.mjpg`. */
export const MJPEG_BOUNDARY = "hello-websocket-frame";

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
export function streamRoutes(app: FastifyInstance, bus: Bus, pictures: Pictures): void {
  const form = multipartForm({ boundary: MJPEG_BOUNDARY, headers: HEADERS, head });

  app.get<{ Params: { id: string }; Querystring: { strict?: string; track?: string } }>(
    "/cameras/:id/stream.mjpg",
    { config: { need: "view", pictures: true } },
    (request, reply) => {
      const camera = bus.camera(request.params.id);
      if (camera === undefined) return unknownCamera(reply);
      const track = pictureTrack(camera, request.query.track);
      if (track === undefined) return unknownTrack(reply, "JPEG");
      const strict = request.query.strict !== undefined;
      if (strict && hasFailed(camera)) {
        return unavailable(reply.header("X-State", camera.state), camera.reason ?? "the camera is gone");
      }
      const refusal = pictures.stream(request, reply, { camera: camera.id, track }, { form, strict });
      return refusal === undefined ? reply : unavailable(reply, refusal);
    },
  );
}

function head({ payload, capturedAt, sequence, state }: Part): string {
  const type = `Content-Type: image/jpeg\r\nContent-Length: ${payload.byteLength}\r\n`;
  if (capturedAt === undefined) return `${type}X-State: ${state}\r\n`;
  return `${type}X-Timestamp: ${(capturedAt / 1e6).toFixed(6)}\r\nX-Sequence: ${sequence}\r\n`;
}
