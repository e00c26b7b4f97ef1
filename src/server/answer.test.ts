import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { isOver, whenOver } from "./answer.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A client that has said `bytes`, and the answers that it waits for. */
async function asked(bytes: string, count: number): Promise<{ client: Socket; answers: ServerResponse[] }> {
  const answers: ServerResponse[] = [];
  const server = createServer((_, response) => void answers.push(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").resume();
  client.on("error", () => {});
  client.write(bytes);
  await eventually(() => expect(answers).toHaveLength(count));
  return { client, answers };
}

test("an answer is over when it was sent whole, and the next of the same connection is not", async () => {
  const { client, answers } = await asked(GET, 1);
  const end = vi.fn();
  whenOver(answers[0]!, end);
  expect(end).not.toHaveBeenCalled();
  answers[0]!.end("here");
  await eventually(() => expect(end).toHaveBeenCalledTimes(1));
  client.write(GET);
  await eventually(() => expect(answers).toHaveLength(2));
  expect(answers.map(isOver)).toEqual([true, false]);
  client.destroy();
  await eventually(() => expect(answers.map(isOver)).toEqual([true, true]));
  expect(end).toHaveBeenCalledTimes(1);
});

test("who asks after the reader has left is told at once", async () => {
  const { client, answers } = await asked(GET, 1);
  const { socket } = answers[0]!.req;
  // A reset is an error before it is the end.
  const closed = new Promise((resolve) => socket.once("close", resolve));
  client.resetAndDestroy();
  await closed;
  const end = vi.fn();
  whenOver(answers[0]!, end);
  expect(end).toHaveBeenCalledTimes(1);
});

test("answers that wait behind another are over with their connection, which has one listener for all", async () => {
  const { client, answers } = await asked(GET.repeat(20), 20);
  const { socket } = answers[0]!.req;
  const before = socket.listenerCount("close");
  const end = vi.fn();
  for (const answer of answers) {
    whenOver(answer, () => end(answer));
    whenOver(answer, () => end(answer));
  }
  expect(socket.listenerCount("close")).toBe(before + 1);
  client.destroy();
  await eventually(() => expect(end).toHaveBeenCalledTimes(40));
  expect(new Set(end.mock.calls.map(([answer]) => answer))).toEqual(new Set(answers));
});
