import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Tally } from "../server/census.ts";
import * as Server from "../server/server.ts";
import { openLog } from "./log.ts";
import { linkToMapper } from "./mapper-link.ts";
import { Questions } from "./questions.ts";
import { stopSignal } from "./stop-signal.ts";
import {
  type FromWorker,
  type ToWorker,
  WORKER_ORDERS_VARIABLE,
  type WorkerOrders,
} from "./worker-messages.ts";

// The whole program of a worker: a server that is handed its connections by the process that started it.

/** Milliseconds for the answer of the process that started it, which waits for the other workers no longer than this. */
const CENSUS_TIMEOUT_MS = 2000;

const { mapper, token, logLevel, hub } = JSON.parse(
  process.env[WORKER_ORDERS_VARIABLE] ?? "",
) as WorkerOrders;
const log = await openLog(logLevel);
const signal = stopSignal();
const questions = new Questions<Tally>(CENSUS_TIMEOUT_MS);

function tell(message: FromWorker): void {
  // Without its parent it ends anyway.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

let taken = 0;
let isReporting = false;
/** Say what there is to do here, once for all that happens in one turn of the event loop. */
function report(): void {
  if (isReporting) return;
  isReporting = true;
  setImmediate(() => {
    isReporting = false;
    tell({ type: "load", taken, busy: server.busy });
  });
}

let knows = (): void => {};
const known = new Promise<void>((resolve) => {
  knows = resolve;
});
const bus = await linkToMapper(mapper, log, { subscribes: true, settled: () => knows() }).catch(
  (error: unknown) => {
    log.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
const server: Server.HandedServer = await Server.runHanded({
  bus,
  token,
  hub,
  pageDirectory: fileURLToPath(new URL("../page/", import.meta.url)),
  signal,
  census: async (camera) => {
    const all = await questions.ask((question) => tell({ type: "ask", question, camera }));
    return all ?? server.tally(camera);
  },
  changed: report,
});

process.on("message", (message: ToWorker, connection: Socket | undefined) => {
  switch (message.type) {
    case "connection":
      taken++;
      if (connection !== undefined) server.take(connection);
      report();
      return;
    case "ask":
      tell({ type: "answer", question: message.question, tally: server.tally(message.camera) });
      return;
    case "answer":
      questions.answer(message.question, message.tally);
      return;
  }
});

// Before it knows the cameras it would answer that there are none.
await known;
tell({ type: "ready" });
await server.stopped;
await bus[Symbol.asyncDispose]();
process.exit();
