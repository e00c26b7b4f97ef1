import type { FastifyInstance, FastifyReply } from "fastify";
import { type CameraInfo, hasFailed, now } from "../../protocol/index.ts";
import { whenOver } from "../answer.ts";
import type { Census } from "../census.ts";
import { outsideOf, scopedCookie } from "../outside.ts";
import type { Pictures } from "../pictures.ts";
import { COMMON_BOUNDARY, chosen, seconds } from "./mjpg-streamer.ts";
import { StreamClients } from "./ustreamer-client.ts";

/** How µStreamer forbids to keep anything, for browsers of all ages. */
const HEADERS = {
  "Cache-Control":
    "no-store, no-cache, must-revalidate, proxy-revalidate, pre-check=0, post-check=0, max-age=0",
  Pragma: "no-cache",
  Expires: "Mon, 3 Jan 2000 12:34:56 GMT",
  "Cross-Origin-Resource-Policy": "same-site",
  "X-Content-Type-Options": "nosniff",
} as const;

/** What its pictures need. */
const PICTURES = { config: { need: "view", pictures: true, dropIn: true } } as const;

/** What may be said of a stream. Each but the first is a switch: `1` or `true`. */
export interface StreamQuery {
  readonly key?: string;
  readonly extra_headers?: string;
  readonly advance_headers?: string;
  readonly dual_final_frames?: string;
  readonly zero_data?: string;
  readonly camera?: string;
}

/**
 * µStreamer's `/stream`, `/snapshot` and `/state`, with the camera that `?camera=ID` names, or the first. Where it would say what is not
 * known here (when encoding began and ended) nothing is said.
 */
export function ustreamerRoutes(app: FastifyInstance, pictures: Pictures, census: Census): void {
  const clients = new StreamClients();

  app.get<{ Querystring: StreamQuery }>("/stream", PICTURES, (request, reply) => {
    const { bus } = request;
    const camera = chosen(bus, request.query.camera);
    if (camera === undefined) return noCamera(reply);
    const client = clients.enter(camera.id, request.query, () => size(bus.camera(camera.id) ?? camera));
    const headers = {
      ...HEADERS,
      Connection: "close",
      "Content-Type": `multipart/x-mixed-replace;boundary=${COMMON_BOUNDARY}`,
      // Behind no hook that would do it: a stream writes its own headers.
      "Set-Cookie": scopedCookie(
        `stream_client=${client.cookie}; path=/; max-age=30; SameSite=Strict`,
        outsideOf(request.raw),
      ),
    };
    const form = client.form(headers);
    whenOver(reply.raw, () => clients.leave(client));
    const source = { camera: camera.id, track: "jpeg" };
    const refusal = pictures.stream(request, reply, source, { form, strict: false });
    return refusal === undefined ? reply : unavailable(reply, refusal);
  });

  app.get<{ Querystring: { readonly camera?: string } }>("/snapshot", PICTURES, async (request, reply) => {
    const { bus } = request;
    const camera = chosen(bus, request.query.camera);
    if (camera === undefined) return noCamera(reply);
    const taken = await pictures.take(camera, { track: "jpeg" }, reply.raw);
    if (taken.kind === "none") return unavailable(reply, taken.reason);
    const { width, height } = size(bus.camera(camera.id) ?? camera);
    reply
      .headers({ ...HEADERS, "Content-Type": "image/jpeg" })
      .header("X-UStreamer-Online", taken.kind === "frame")
      .header("X-UStreamer-Width", width)
      .header("X-UStreamer-Height", height);
    if (taken.kind === "failed") return reply.header("X-Timestamp", seconds(now())).send(taken.jpeg);
    const { payload, capturedAt } = taken.frame;
    return reply
      .header("X-Timestamp", seconds(capturedAt))
      .header("X-UStreamer-Grab-Begin-Timestamp", seconds(capturedAt))
      .header("X-UStreamer-Grab-End-Timestamp", seconds(capturedAt))
      .header("X-UStreamer-Send-Timestamp", seconds(now()))
      .send(payload);
  });

  app.get<{ Querystring: { readonly camera?: string } }>(
    "/state",
    { config: { need: "view", dropIn: true } },
    async (request, reply) => {
      const { bus } = request;
      const camera = chosen(bus, request.query.camera);
      if (camera === undefined) return noCamera(reply);
      const { tracks } = await census({ camera: camera.id });
      const facts = tracks.find(({ track }) => track === "jpeg");
      const rate = Math.round(facts?.framesPerSecond ?? 0);
      return {
        ok: true,
        result: {
          instance_id: camera.id,
          encoder: { type: "HW", quality: 0 },
          source: {
            resolution: size(camera),
            online: !hasFailed(camera),
            desired_fps: Math.round(jpegTrack(camera)?.rate ?? 0),
            captured_fps: rate,
          },
          stream: {
            queued_fps: (facts?.viewers ?? 0) > 0 ? rate : 0,
            clients: facts?.viewers ?? 0,
            clients_stat: clients.state(camera.id),
          },
        },
      };
    },
  );
}

function jpegTrack({ tracks }: CameraInfo): CameraInfo["tracks"][number] | undefined {
  return tracks.find(({ name }) => name === "jpeg");
}

function size(camera: CameraInfo): { width: number; height: number } {
  const { width = 0, height = 0 } = jpegTrack(camera) ?? {};
  return { width, height };
}

function noCamera(reply: FastifyReply): unknown {
  return reply
    .code(404)
    .send({ ok: false, result: { error: "NotFound", error_msg: "there is no such camera" } });
}

function unavailable(reply: FastifyReply, reason: string): unknown {
  return reply.code(503).send({ ok: false, result: { error: "Unavailable", error_msg: reason } });
}
