import { createServer, type Socket } from "node:net";
import type { Logger } from "pino";
import type { MainDesk } from "../server/access/desk.ts";
import { type CensusQuestion, sumTallies, type Tally } from "../server/census.ts";
import { listen } from "../server/listen.ts";
import type { Family } from "../server/metrics/family.ts";
import type { Door, RunningServer } from "../server/server.ts";
import type { Certificate } from "../server/tls/key-pair.ts";
import type { Restarts } from "./restarts.ts";
import { Spread } from "./spread.ts";
import { Worker } from "./worker.ts";
import type { WorkerOrders } from "./worker-messages.ts";

/** A server of several processes. */
export interface WorkersOptions extends Door {
  /** How many. */
  readonly count: number;
  /** Of each, but for its name. */
  readonly orders: Omit<WorkerOrders, "name">;
  /** Decides for all of them who has access. */
  readonly desk: MainDesk;
  /** Each makes its connections secure with it; `undefined`: they are in the clear. */
  readonly certificate: Certificate | undefined;
  /** How often each was started. */
  readonly restarts: Restarts;
  /** What this process knows, for `/metrics`. */
  readonly families: () => readonly Family[];
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
  const { count, host, port, desk, certificate, environment, log, signal } = options;
  const drop = (socket: Socket): void => void socket.destroy();
  const spread = new Spread<Socket>({ taken: drop, refused: drop });
  const accept = (socket: Socket): void => {
    socket.on("error", drop);
    spread.hand(socket);
  };
  const door = await listen(() => createServer({ pauseOnConnect: true, noDelay: true }, accept), host, port);
  const workers: Worker[] = [];
  const census = async (about: CensusQuestion): Promise<Tally> => {
    const tallies = await Promise.all(workers.map((worker) => worker.tally(about)));
    const own = about.metrics === true ? [await ownMetrics(options.families)] : [];
    return sumTallies([...tallies.filter((tally) => tally !== undefined), ...own]);
  };
  for (let n = 1; n <= count; n++) {
    const ended = (how: string): void => log.warn(`worker ${n} has ended (${how}); it is started again`);
    const name = `worker-${n}`;
    const started = (): void => options.restarts.worker(name);
    const orders = { ...options.orders, name };
    workers.push(new Worker({ orders, desk, certificate, environment, spread, census, ended, started }));
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

/** What this process tells, which serves nobody. */
async function ownMetrics(families: () => readonly Family[]): Promise<Tally> {
  const { processMetrics } = await import("../server/metrics/exposition.ts");
  return { viewers: 0, tracks: [], metrics: [...families(), ...(await processMetrics("main"))] };
}
