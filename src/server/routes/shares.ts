import type { FastifyInstance } from "fastify";
import type { ShareFacts } from "../access/desk.ts";
import type { Entrance } from "../access/entrance.ts";
import { readShareWish, SHARE_ID } from "../access/share.ts";
import { askDesk } from "./ask-desk.ts";

/**
 * `/shares`: the share links, for admins. GET lists them, POST makes one, DELETE of `/shares/ID` ends one and all who watch with it.
 * What the link is: the address of the page, with the token in it: `/?token=…`.
 */
export function shareRoutes(app: FastifyInstance, entrance: Entrance): void {
  const { desk, seal } = entrance;
  const shown = async ({
    createdAtMs,
    endsAtMs,
    ...share
  }: ShareFacts): Promise<Record<string, unknown>> => ({
    ...share,
    createdAt: new Date(createdAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    token: await seal.share({ createdAtMs, endsAtMs, ...share }),
  });

  app.get("/shares", { config: { need: "admin" } }, (_, reply) =>
    askDesk(reply, async () => Promise.all((await desk.shares()).map(shown))),
  );

  app.post<{ Body: unknown }>("/shares", { config: { need: "admin" } }, (request, reply) => {
    const wish = readShareWish(request.body);
    if (typeof wish === "string") return reply.code(400).send({ error: wish });
    const unknown = wish.cameras.find((id) => request.bus.camera(id) === undefined);
    if (unknown !== undefined) return reply.code(400).send({ error: `cameras: there is no ${unknown}` });
    if (!entrance.closed) {
      return reply.code(409).send({ error: "this server needs no login: there is nothing to share" });
    }
    return askDesk(reply, async () => {
      const share = await desk.share(wish);
      reply.code(201);
      return shown({ ...share, viewers: 0 });
    });
  });

  app.delete<{ Params: { share: string } }>(
    "/shares/:share",
    { config: { need: "admin" } },
    (request, reply) => {
      const { share } = request.params;
      return askDesk(reply, async () => {
        if (SHARE_ID.test(share) && (await desk.revoke(share))) return reply.code(204).send();
        return reply.code(404).send({ error: "there is no share link with this id; GET /shares lists them" });
      });
    },
  );
}
