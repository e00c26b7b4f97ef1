import type { FastifyInstance, FastifyReply } from "fastify";
import type { Bus } from "../../bus/index.ts";
import type { CameraInfo } from "../../protocol/index.ts";
import type { Census } from "../census.ts";
import { multipartForm } from "../picture-stream.ts";
import type { Pictures } from "../pictures.ts";

const BOUNDARY = "frame";

const HEADERS = {
  "Cache-Control": "no-cache",
  Connection: "close",
  Pragma: "no-cache",
  "Cross-Origin-Resource-Policy": "same-site",
  "X-Content-Type-Options": "nosniff",
} as const;

/** What its pictures need. */
const PICTURES = { config: { need: "view", pictures: true, dropIn: true } } as const;

/** go2rtc's `/api/frame.jpeg?src=ID`, `/api/stream.mjpeg?src=ID` and `/api/streams`. `?camera=ID` means the same as `?src=ID`. */
export function go2rtcRoutes(app: FastifyInstance, pictures: Pictures, census: Census): void {
  const form = multipartForm({
    boundary: BOUNDARY,
    headers: { ...HEADERS, "Content-Type": `multipart/x-mixed-replace; boundary=${BOUNDARY}` },
    head: ({ payload }) => `Content-Type: image/jpeg\r\nContent-Length: ${payload.byteLength}\r\n`,
  });
  interface Asked {
    Querystring: { readonly src?: string; readonly camera?: string };
  }

  app.get<Asked>("/api/frame.jpeg", PICTURES, async (request, reply) => {
    const camera = named(request.bus, request.query);
    if (camera === undefined) return plain(reply, 404, "stream not found\n");
    const taken = await pictures.take(camera, { track: "jpeg" }, reply.raw);
    if (taken.kind === "none") return plain(reply, 503, `${taken.reason}\n`);
    reply.headers({ ...HEADERS, "Content-Type": "image/jpeg" });
    if (taken.kind === "failed") return reply.header("X-State", taken.camera.state).send(taken.jpeg);
    return reply.send(taken.frame.payload);
  });

  app.get<Asked>("/api/stream.mjpeg", PICTURES, (request, reply) => {
    const camera = named(request.bus, request.query);
    if (camera === undefined) return plain(reply, 404, "stream not found\n");
    const source = { camera: camera.id, track: "jpeg" };
    const refusal = pictures.stream(request, reply, source, { form, strict: false });
    return refusal === undefined ? reply : plain(reply, 503, `${refusal}\n`);
  });

  app.get<Asked>("/api/streams", { config: { need: "view", dropIn: true } }, async (request, reply) => {
    if (request.query.src !== undefined || request.query.camera !== undefined) {
      const camera = named(request.bus, request.query);
      return camera === undefined ? plain(reply, 404, "stream not found\n") : described(camera, census);
    }
    const cameras = request.bus.cameras();
    const all = await Promise.all(cameras.map((camera) => described(camera, census)));
    return Object.fromEntries(cameras.map(({ id }, index) => [id, all[index]]));
  });
}

/** A camera as go2rtc tells of a stream: who produces it, and who consumes it, here one entry for all of a track. */
async function described(camera: CameraInfo, census: Census): Promise<unknown> {
  const { tracks } = await census({ camera: camera.id });
  const taken = tracks.filter(({ viewers }) => viewers > 0);
  return {
    producers: [{ url: camera.source }],
    consumers: taken.map(({ track, viewers }) => ({ format_name: track, viewers })),
  };
}

function named(
  bus: Bus,
  { src, camera }: { readonly src?: string; readonly camera?: string },
): CameraInfo | undefined {
  const id = src ?? camera;
  return id === undefined ? undefined : bus.camera(id);
}

function plain(reply: FastifyReply, status: number, text: string): unknown {
  return reply.code(status).header("Content-Type", "text/plain; charset=utf-8").send(text);
}
