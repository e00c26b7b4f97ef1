import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What is to be done at the end of each answer of a connection. */
type Endings = Map<ServerResponse, Set<() => void>>;

const connections = new WeakMap<Socket, Endings>();

/** Whether an answer is over: it was sent whole, or who waited for it has left. Nobody hears what is written to it. */
export function isOver(response: ServerResponse): boolean {
  return response.destroyed || response.req.socket.destroyed;
}

/**
 * Call `end` once when an answer is over; at once if it is. An event alone does not tell that: it does not come again for who listens when
 * the reader has left already, and it never comes for an answer that waits behind another one of the same connection.
 */
export function whenOver(response: ServerResponse, end: () => void): void {
  if (isOver(response)) {
    end();
    return;
  }
  const endings = endingsOf(response.req.socket);
  const own = endings.get(response);
  if (own !== undefined) {
    own.add(end);
    return;
  }
  endings.set(response, new Set([end]));
  response.once("close", () => finish(endings, response));
}

/** One listener for a connection, however many answers wait on it. */
function endingsOf(socket: Socket): Endings {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const endings: Endings = new Map();
  connections.set(socket, endings);
  socket.once("close", () => {
    for (const response of endings.keys()) finish(endings, response);
  });
  return endings;
}

function finish(endings: Endings, response: ServerResponse): void {
  const own = endings.get(response);
  endings.delete(response);
  for (const end of own ?? []) end();
}
