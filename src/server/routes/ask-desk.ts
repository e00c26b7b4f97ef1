import type { FastifyReply } from "fastify";
import { DeskError } from "../access/desk.ts";

/** Answer with what `act` gives, which asks the desk; or say that it cannot be done now. */
export async function askDesk(reply: FastifyReply, act: () => Promise<unknown>): Promise<unknown> {
  reply.header("Cache-Control", "no-store");
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    return reply.code(503).header("Retry-After", 1).send({ error: error.message });
  }
}
