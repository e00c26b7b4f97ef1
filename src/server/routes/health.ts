import type { FastifyInstance } from "fastify";
import { hasFailed } from "../../protocol/index.ts";
import { whenOver } from "../answer.ts";
import type { Census } from "../census.ts";
import { DURATION_EXPECTED, parseDuration } from "../duration.ts";
import { freshPicture } from "../fresh-picture.ts";
import { unknownCamera } from "./cameras.ts";

/** Why a server cannot serve now; `undefined`: it can. */
export type Readiness = () => string | undefined;

/**
 * `/healthz`: the server answers, and how many cameras are live. With `?camera=ID` whether that one is well, with `&maxAge=2s` whether
 * it gives pictures no older than that: 503 and the reason if not. `/readyz`: whether the server can serve, 503 and why if not: for a load
 * balancer, which has no login.
 */
export function healthRoutes(app: FastifyInstance, census: Census, readiness: Readiness): void {
  app.get<{ Querystring: { camera?: string; maxAge?: string } }>(
    "/healthz",
    { config: { need: "view" } },
    async (request, reply) => {
      const { bus, visitor } = request;
      reply.header("Cache-Control", "no-store");
      const { camera: id, maxAge } = request.query;
      const maxAgeMs = maxAge === undefined ? undefined : parseDuration(maxAge);
      if (maxAge !== undefined && maxAgeMs === undefined) {
        return reply.code(400).send({ error: `maxAge is not right: expected ${DURATION_EXPECTED}` });
      }
      if (id === undefined) {
        if (maxAge !== undefined)
          return reply.code(400).send({ error: "maxAge needs camera: expected both" });
        const cameras = bus.cameras();
        const live = cameras.filter(({ state }) => state === "live").length;
        const facts = { status: "ok", cameras: cameras.length, live };
        // Who watches other cameras is not for who does not see those.
        if (visitor?.cameras !== undefined) return facts;
        const { viewers } = await census({});
        return { ...facts, viewers };
      }
      const camera = bus.camera(id);
      if (camera === undefined) return unknownCamera(reply);
      const facts = (): { camera: string; state: string } => ({
        camera: id,
        state: bus.camera(id)?.state ?? "gone",
      });
      if (maxAgeMs === undefined) {
        if (!hasFailed(camera)) return { status: "ok", ...facts() };
        return reply.code(503).send({ status: "failed", ...facts(), reason: camera.reason ?? "it is gone" });
      }
      const left = new AbortController();
      whenOver(reply.raw, () => left.abort());
      const found = await freshPicture(bus, camera, maxAgeMs, left.signal);
      const ageMs = found.ageMs === undefined ? {} : { ageMs: Math.round(found.ageMs) };
      if (found.isFresh) return { status: "ok", ...facts(), ...ageMs };
      return reply.code(503).send({ status: "failed", ...facts(), ...ageMs, reason: found.reason });
    },
  );

  app.get("/readyz", { config: { need: "nothing" } }, (_, reply) => {
    reply.header("Cache-Control", "no-store");
    const reason = readiness();
    return reason === undefined ? { status: "ready" } : reply.code(503).send({ status: "not ready", reason });
  });
}
