import { once } from "node:events";
import { connect, createServer, type OnReadOpts, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { takeOver } from "./take-over.ts";

/** Memory of three bytes for each read, and what came. */
function input(): { readonly onread: OnReadOpts; readonly came: number[]; readonly reads: number[] } {
  const came: number[] = [];
  const reads: number[] = [];
  const callback = (length: number, room: Uint8Array): boolean => {
    came.push(...room.subarray(0, length));
    reads.push(length);
    return true;
  };
  return { came, reads, onread: { buffer: () => new Uint8Array(3), callback } };
}

describe("a socket that is taken over", () => {
  test("reads into the caller's memory, writes, and ends", async () => {
    const { onread, came, reads } = input();
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const client = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1");
    const [accepted] = (await once(server, "connection")) as [Socket];
    const socket = takeOver(accepted, onread);
    socket.write("hello");
    client.end(Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    const [answer] = (await once(client, "data")) as [Buffer];
    await once(socket, "end");
    expect(answer.toString()).toBe("hello");
    expect(came).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(Math.max(...reads)).toBeLessThanOrEqual(3);
    socket.destroy();
    server.close();
    await once(server, "close");
  });

  test("that is no socket of Node's own gives its chunks piece by piece", async () => {
    const { onread, came, reads } = input();
    const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    expect(takeOver(stream as Socket, onread)).toBe(stream);
    stream.push(Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    stream.push(null);
    await once(stream, "end");
    expect(came).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(reads).toEqual([3, 3, 1]);
  });
});
