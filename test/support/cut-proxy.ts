import { connect, createServer, type Socket } from "node:net";

/** A way to a port of this machine that can be cut: then nothing moves and nobody is told, as when a cable is pulled out. */
export interface CutProxy {
  readonly port: number;
  /** Pull the cable, or put it back. Connections of before stay dead. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
}

/** Open a {@link CutProxy} to `port`. */
export async function openCutProxy(port: number): Promise<CutProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const far = connect(port, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on("data", (bytes: Buffer) => {
        if (!dead.has(pair)) to.write(bytes);
      });
      from.on("error", () => {});
      from.on("close", () => {
        if (dead.has(pair)) return;
        to.destroy();
        pairs.delete(pair);
      });
    }
    if (isCut) dead.add(pair);
    near.resume();
  });
  const dead = new Set<readonly [Socket, Socket]>();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut: (cutting) => {
      isCut = cutting;
      if (cutting) for (const pair of pairs) dead.add(pair);
    },
    close: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
