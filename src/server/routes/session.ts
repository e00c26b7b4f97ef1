import type { FastifyInstance } from "fastify";
import type { Entrance } from "../access/entrance.ts";
import { askedBy, turnAway } from "../access/guard.ts";
import { MAX_PASSWORD_CHARACTERS } from "../access/password.ts";
import { askDesk } from "./ask-desk.ts";

/** Characters of a token or a link's signed text. */
const MAX_TOKEN_CHARACTERS = 2048;

/**
 * `/session`: who asks, and what it may. `/login` gives the form, and opens a session for a name and a password, or for a token;
 * `/logout` ends it, here and in every process, and all that is watched with it.
 */
export function sessionRoutes(app: FastifyInstance, entrance: Entrance): void {
  app.get("/session", { config: { need: "nothing" } }, ({ visitor }, reply) => {
    reply.header("Cache-Control", "no-store");
    if (visitor === undefined) return { users: entrance.ledger.hasUsers };
    return {
      role: visitor.role,
      user: visitor.user,
      cameras: visitor.cameras === undefined ? undefined : [...visitor.cameras],
      endsAt: visitor.endsAtMs === undefined ? undefined : new Date(visitor.endsAtMs).toISOString(),
      session: visitor.session !== undefined,
      shares: entrance.closed,
    };
  });

  app.get("/login", { config: { need: "nothing" } }, (_, reply) => reply.sendFile("login.html"));

  app.post<{ Body: unknown }>("/login", { config: { need: "nothing" } }, async (request, reply) => {
    const wish = readLogin(request.body);
    if (wish === undefined) return reply.code(400).send({ error: EXPECTED });
    const asked = askedBy(request);
    const opened =
      "token" in wish
        ? await entrance.gate.loginWithToken(wish.token, asked)
        : await entrance.gate.login(wish.name, wish.password, asked);
    if ("status" in opened) return turnAway(reply, opened);
    return reply.header("Set-Cookie", opened.cookie).code(204).send();
  });

  app.post("/logout", { config: { need: "nothing" } }, (request, reply) =>
    askDesk(reply, async () => {
      const { visitor } = request;
      if (visitor?.session !== undefined && visitor.endsAtMs !== undefined) {
        await entrance.desk.end(visitor.session, visitor.endsAtMs);
      }
      return reply
        .header("Set-Cookie", entrance.cookie.clear(askedBy(request).secure))
        .code(204)
        .send();
    }),
  );
}

const EXPECTED = 'expected JSON such as {"name": "anna", "password": "…"} or {"token": "…"}';

/** What somebody says of itself. */
function readLogin(
  body: unknown,
): { readonly token: string } | { readonly name: string; readonly password: string } | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { token, name, password } = body as Readonly<Record<string, unknown>>;
  if (isText(token, MAX_TOKEN_CHARACTERS)) return { token };
  return isText(name, MAX_PASSWORD_CHARACTERS) && isText(password, MAX_PASSWORD_CHARACTERS)
    ? { name, password }
    : undefined;
}

function isText(value: unknown, maxCharacters: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxCharacters;
}
