import type { FastifyInstance, FastifyReply } from "fastify";
import { type Bus, ControlError } from "../../bus/index.ts";
import { isControlName, Limits } from "../../protocol/index.ts";
import { unknownCamera } from "./cameras.ts";

/** `/cameras/ID/controls`: what can be adjusted of a camera. GET tells, PUT sets those that it names and tells all. */
export function controlRoutes(app: FastifyInstance, bus: Bus): void {
  const answer = async (
    id: string,
    set: ReadonlyMap<string, number>,
    reply: FastifyReply,
  ): Promise<unknown> => {
    if (bus.camera(id) === undefined) return unknownCamera(reply);
    try {
      return await bus.adjust(id, set);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      return reply.code(409).send({ error: error.message });
    }
  };

  app.get<{ Params: { id: string } }>(
    "/cameras/:id/controls",
    { config: { need: "view" } },
    (request, reply) => answer(request.params.id, new Map(), reply),
  );

  app.put<{ Params: { id: string }; Body: unknown }>(
    "/cameras/:id/controls",
    { config: { need: "control" } },
    (request, reply) => {
      const set = readValues(request.body);
      if (typeof set === "string") return reply.code(400).send({ error: set });
      return answer(request.params.id, set, reply);
    },
  );
}

/** What to set, or what is wrong with it. */
function readValues(body: unknown): ReadonlyMap<string, number> | string {
  const expected = 'expected JSON such as {"brightness": 128}';
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return `the body is no object: ${expected}`;
  const entries = Object.entries(body);
  if (entries.length === 0) return `the body names no control: ${expected}`;
  if (entries.length > Limits.MAX_CONTROLS) {
    return `the body names ${entries.length} controls: expected at most ${Limits.MAX_CONTROLS}`;
  }
  for (const [name, value] of entries) {
    if (!isControlName(name)) return `the body has a name that is none: ${expected}`;
    if (!Number.isSafeInteger(value)) return `${name} must be a whole number: ${expected}`;
  }
  return new Map(entries as [string, number][]);
}
