import type { FastifyInstance, FastifyReply } from "fastify";
import type { Bus } from "../../bus/index.ts";
import type { CameraInfo } from "../../protocol/index.ts";
import { multipartForm, type Part } from "../picture-stream.ts";
import type { Pictures } from "../pictures.ts";

/** The boundary of mjpg-streamer, and of µStreamer after it. */
export const COMMON_BOUNDARY = "boundarydonotcross";

/** How mjpg-streamer forbids to keep anything, for browsers of all ages. */
const HEADERS = {
  Connection: "close",
  "Cache-Control": "no-store, no-cache, must-revalidate, pre-check=0, post-check=0, max-age=0",
  Pragma: "no-cache",
  Expires: "Mon, 3 Jan 2000 12:34:56 GMT",
  "Cross-Origin-Resource-Policy": "same-site",
  "X-Content-Type-Options": "nosniff",
} as const;

const ACTION = /^\/\?(?:[^#]*&)?action=([a-z]*)(?:_(\d{1,4}))?(?:&|$)/;

type ActionStrategy = Parameters<FastifyInstance["addConstraintStrategy"]>[0];

/** Whether a request is one of mjpg-streamer's, `/?action=…`, and none for the page. */
export function isAction(url: string): boolean {
  return ACTION.test(url);
}

/**
 * mjpg-streamer's `/?action=stream` and `/?action=snapshot`. Its inputs, `stream_1` and so on, are the cameras in their order. What
 * else it can do there changes something, and no GET does that here.
 */
export function mjpgStreamerRoutes(app: FastifyInstance, pictures: Pictures): void {
  app.addConstraintStrategy(actionStrategy());
  const form = multipartForm({
    boundary: COMMON_BOUNDARY,
    headers: { ...HEADERS, "Content-Type": `multipart/x-mixed-replace;boundary=${COMMON_BOUNDARY}` },
    head: partHead,
  });

  app.get<{ Querystring: { action: string; camera?: string } }>(
    "/",
    { constraints: { action: "any" }, config: { need: "view", pictures: true, dropIn: true } },
    async (request, reply) => {
      const [, action, input = "0"] = ACTION.exec(request.url) ?? [];
      if (action !== "stream" && action !== "snapshot") {
        return plain(reply, 501, "501: Not Implemented!\r\ncontrols are at /cameras/ID/controls");
      }
      const camera = chosen(request.bus, request.query.camera, Number(input));
      if (camera === undefined) return plain(reply, 404, "404: Not Found!\r\nInvalid input plugin number");
      if (action === "stream") {
        const source = { camera: camera.id, track: "jpeg" };
        const refusal = pictures.stream(request, reply, source, { form, strict: false });
        return refusal === undefined ? reply : plain(reply, 503, refusal);
      }
      const taken = await pictures.take(camera, { track: "jpeg" }, reply.raw);
      if (taken.kind === "none") return plain(reply, 503, taken.reason);
      reply.headers({ ...HEADERS, "Content-Type": "image/jpeg" });
      if (taken.kind === "failed") return reply.header("X-State", taken.camera.state).send(taken.jpeg);
      return reply.header("X-Timestamp", seconds(taken.frame.capturedAt)).send(taken.frame.payload);
    },
  );
}

/** The way by which a request with `?action=` finds its route, and one for the page does not. */
function actionStrategy(): ActionStrategy {
  return {
    name: "action",
    storage: () => {
      const routes = new Map<
        unknown,
        NonNullable<ReturnType<ReturnType<ActionStrategy["storage"]>["get"]>>
      >();
      return {
        // The router's word for none.
        get: (value) => routes.get(value) ?? null,
        set: (value, route) => void routes.set(value, route),
      };
    },
    deriveConstraint: (request) => (isAction(request.url ?? "") ? "any" : undefined),
  };
}

/** Headers of a part as mjpg-streamer and µStreamer write them. */
export function partHead({ payload, capturedAt, state }: Part): string {
  const time = capturedAt === undefined ? `X-State: ${state}` : `X-Timestamp: ${seconds(capturedAt)}`;
  return `Content-Type: image/jpeg\r\nContent-Length: ${payload.byteLength}\r\n${time}\r\n`;
}

/** A time in seconds, with microseconds, as those streamers write it. */
export function seconds(micros: number): string {
  return (micros / 1e6).toFixed(6);
}

/** The camera that is named, or the one at this place in the list. */
export function chosen(bus: Bus, id: string | undefined, place = 0): CameraInfo | undefined {
  return id === undefined ? bus.cameras()[place] : bus.camera(id);
}

function plain(reply: FastifyReply, status: number, text: string): unknown {
  return reply
    .code(status)
    .headers({ ...HEADERS, "Content-Type": "text/plain" })
    .send(text);
}
