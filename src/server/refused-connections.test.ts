import { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Limits } from "../protocol/index.ts";
import { RefusedConnections } from "./refused-connections.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

/** A connection whose client can end its half, and what it was told. */
class Connection extends Duplex {
  told = "";

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.told += chunk.toString();
    done();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("one is told why, and goes when its client has gone, whatever else that said", async () => {
  const refused = new RefusedConnections();
  const connection = new Connection();
  refused.end(connection, "no");
  connection.push("x");
  await turn();
  expect([connection.told, connection.destroyed, refused.size]).toEqual(["no", false, 1]);
  // The end of its client's half: only who reads gets to see it.
  connection.push(null);
  await turn();
  expect([connection.destroyed, refused.size]).toEqual([true, 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test("one whose client stays is ended after its time", async () => {
  const refused = new RefusedConnections();
  const connection = new Connection();
  refused.end(connection, "no");
  vi.advanceTimersByTime(Limits.REFUSAL_TIMEOUT_MS - 1);
  expect(connection.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(connection.destroyed).toBe(true);
  await turn();
  expect(refused.size).toBe(0);
});

test("one more than there may be ends the one that was told first, and the end of all ends all", async () => {
  const refused = new RefusedConnections(2);
  const connections = [new Connection(), new Connection(), new Connection()];
  for (const connection of connections) refused.end(connection, "no");
  expect(connections.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(refused.size).toBe(2);
  refused.close();
  await turn();
  expect(connections.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  expect([refused.size, vi.getTimerCount()]).toEqual([0, 0]);
});

test("one that has gone already is not kept", () => {
  const refused = new RefusedConnections();
  const connection = new Connection();
  connection.destroy();
  refused.end(connection, "no");
  expect([refused.size, vi.getTimerCount()]).toEqual([0, 0]);
});
