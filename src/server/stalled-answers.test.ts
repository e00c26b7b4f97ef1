import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { StalledAnswers } from "./stalled-answers.ts";

/** Far more than the kernel takes for a reader that does not read: 10 MB at most, unless somebody has told it otherwise. */
const MUCH = Buffer.alloc(60_000_000);

/** What is read of it between two looks. In the time of three of those the kernel needs more of it. */
const PART = 5_000_000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that answers so, and a client that has asked and reads nothing. */
async function asked(answer: RequestListener): Promise<{ stalled: StalledAnswers; client: Socket }> {
  const server = createServer(answer);
  const stalled = new StalledAnswers(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    stalled.close();
    server.close();
    server.closeAllConnections();
  });
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => {});
  client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => expect(stalled.size).toBe(1));
  return { stalled, client };
}

/** Have a client read so many bytes, or a few more. */
async function read(client: Socket, bytes: number): Promise<void> {
  for (let taken = 0; taken < bytes; ) {
    const chunk = client.read() as Buffer | null;
    if (chunk === null) await once(client, "readable");
    else taken += chunk.byteLength;
  }
}

test("one that nobody reads is ended, when it was found three times where it was", async () => {
  const { stalled, client } = await asked((_, response) => response.end(MUCH));
  // As an error, or as an end.
  const closed = new Promise((resolve) => client.once("close", resolve));
  // It is under way as long as the kernel takes more of it.
  for (let n = 0; n < 3; n++) stalled.look();
  expect(stalled.size).toBe(1);
  await eventually(() => {
    stalled.look();
    expect(stalled.size).toBe(0);
  });
  client.resume();
  await closed;
  expect(client.bytesRead).toBeLessThan(MUCH.byteLength);
});

test("one whose reader takes a part of a picture now and then goes on", async () => {
  const { stalled, client } = await asked((_, response) => response.end(MUCH));
  for (let n = 0; n < 8; n++) {
    await read(client, PART);
    stalled.look();
  }
  expect(stalled.size).toBe(1);
  client.resume();
  await eventually(() => expect(stalled.size).toBe(0));
  await eventually(() => expect(client.bytesRead).toBeGreaterThan(MUCH.byteLength));
  expect(client.destroyed).toBe(false);
});

test("one that has nothing to send goes on", async () => {
  const { stalled, client } = await asked((_, response) => response.write("the first part"));
  await read(client, 1);
  for (let n = 0; n < 10; n++) stalled.look();
  expect(stalled.size).toBe(1);
  client.destroy();
  await eventually(() => expect(stalled.size).toBe(0));
});
