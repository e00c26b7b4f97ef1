import { createServer, type Socket } from "node:net";
import type { Logger } from "pino";
import { sumTallies, type Tally } from "../server/census.ts";
import { listen } from "../server/listen.ts";
import type { Door, RunningServer } from "../server/server.ts";
import type { Certificate } from "../server/tls/key-pair.ts";
import { Spread } from "./spread.ts";
import { Worker } from "./worker.ts";
import type { WorkerOrders } from "./worker-messages.ts";

/** A server of several processes. */
export interface WorkersOptions extends Door {
  /** How many. */
  readonly count: number;
  readonly orders: WorkerOrders;
  /** Each makes its connections secure with it; `undefined`: they are in the clear. */
  readonly certificate: Certificate | undefined;
  /** Environment of each. */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Pick<Logger, "warn">;
  /** Stops all. */
  readonly signal: AbortSignal;
}

/**
 * Run the server in several processes on one port. This process accepts and hands each connection, unread, to one of
 * them; no byte of a picture passes here.
 * @throws ListenError if the port is taken or the address is not this machine's
 */
export async function runWorkers(options: WorkersOptions): Promise<RunningServer> {
  const { count, host, port, orders, certificate, environment, log, signal } = options;
  const drop = (socket: Socket): void => void socket.destroy();
  const spread = new Spread<Socket>({ taken: drop, refused: drop });
  const accept = (socket: Socket): void => {
    socket.on("error", drop);
    spread.hand(socket);
  };
  const door = await listen(() => createServer({ pauseOnConnect: true, noDelay: true }, accept), host, port);
  const workers: Worker[] = [];
  const census = async (camera: string | undefined): Promise<Tally> => {
    const tallies = await Promise.all(workers.map((worker) => worker.tally(camera)));
    return sumTallies(tallies.filter((tally) => tally !== undefined));
  };
  for (let n = 1; n <= count; n++) {
    const ended = (how: string): void => log.warn(`worker ${n} has ended (${how}); it is started again`);
    workers.push(new Worker({ orders, certificate, environment, spread, census, ended }));
  }
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      door.close();
      spread.close();
      Promise.all(workers.map((worker) => worker.stop())).then(() => resolve(), reject);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  return { port: door.port, stopped };
}
