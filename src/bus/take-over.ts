import { type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";

/**
 * The same connection as a socket that reads into the caller's memory, which costs a fraction of a stream's chunks. Only the
 * constructor of a socket takes that wish (`onread`), and a server has made its sockets already: `socket` is of no more use, and
 * its server does not count the connection. Nothing may have been read from it yet. Where Node looks otherwise than expected, its
 * chunks are copied.
 */
export function takeOver(socket: Socket, onread: OnReadOpts): Socket {
  const inner = socket as unknown as { _handle?: { useUserBuffer?: unknown } | null };
  const { _handle: handle } = inner;
  if (typeof handle?.useUserBuffer !== "function") return copying(socket, onread);
  inner._handle = null;
  socket.destroy();
  const options: SocketConstructorOpts & { readonly handle: unknown; readonly onread: OnReadOpts } = {
    handle,
    onread,
  };
  return new Socket(options);
}

/** Give the chunks of `socket` to `onread`, in pieces as large as its memory. */
function copying(socket: Socket, onread: OnReadOpts): Socket {
  return socket.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.byteLength; ) {
      const room = typeof onread.buffer === "function" ? onread.buffer() : onread.buffer;
      const end = Math.min(chunk.byteLength, at + room.byteLength);
      room.set(chunk.subarray(at, end));
      onread.callback(end - at, room);
      at = end;
    }
  });
}
