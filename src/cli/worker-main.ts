import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { Ledger } from "../server/access/ledger.ts";
import type { CensusQuestion, Tally } from "../server/census.ts";
import * as Server from "../server/server.ts";
import { GivenCertificate } from "../server/tls/given-certificate.ts";
import { openDoor } from "../server/tls/secure-server.ts";
import type { TlsDoor } from "../server/tls/tls-door.ts";
import { FarDesk } from "./far-desk.ts";
import { beat } from "./heartbeat.ts";
import { openLog } from "./log.ts";
import { linkToMapper, unready } from "./mapper-link.ts";
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

const { mapper, token, access, edge, name, hub, logLevel, logFormat, dropIn } = JSON.parse(
  process.env[WORKER_ORDERS_VARIABLE] ?? "",
) as WorkerOrders;
beat();
const log = await openLog({ level: logLevel, format: logFormat, process: name });
const signal = stopSignal();
const questions = new Questions<Tally>(CENSUS_TIMEOUT_MS);

function tell(message: FromWorker): void {
  // Without its parent it ends anyway.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

const ledger = new Ledger();
let knowsAccess = (): void => {};
const accessKnown = new Promise<void>((resolve) => {
  knowsAccess = resolve;
});
const desk = new FarDesk(
  (question, call) => tell({ type: "desk", question, call }),
  (notice) => tell({ type: "notice", notice }),
);

let taken = 0;
let isReporting = false;
/** Say what there is to do here, once for all that happens in one turn of the event loop. */
function report(): void {
  if (isReporting) return;
  isReporting = true;
  setImmediate(() => {
    isReporting = false;
    tell({ type: "load", taken, busy: server.busy + (door?.entering ?? 0) });
  });
}

async function answer(question: number, about: CensusQuestion): Promise<void> {
  const metrics = about.metrics === true ? await server.metrics() : undefined;
  tell({ type: "answer", question, tally: { ...server.tally(about), ...(metrics && { metrics }) } });
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
  access: { ...access, key: Buffer.from(access.key, "base64url"), ledger, desk },
  ...edge,
  dropIn,
  hub,
  pageDirectory: fileURLToPath(new URL("../page/", import.meta.url)),
  signal,
  census: async (about) => {
    const all = await questions.ask((question) => tell({ type: "ask", question, about }));
    return all ?? { ...server.tally(about), ...(about.metrics && { metrics: await server.metrics() }) };
  },
  unready: () => unready(bus),
  log,
  process: { name },
  changed: report,
});

const certificate = new GivenCertificate();
let door: TlsDoor | undefined;
process.on("message", (message: ToWorker, connection: Socket | undefined) => {
  switch (message.type) {
    case "certificate":
      certificate.give(message.pair);
      door ??= openDoor(certificate, edge, (socket) => server.take(socket));
      return;
    case "connection":
      taken++;
      if (connection !== undefined) (door ?? server).take(connection);
      report();
      return;
    case "ask":
      void answer(message.question, message.about);
      return;
    case "answer":
      questions.answer(message.question, message.tally);
      return;
    case "access":
      ledger.apply(message.change);
      knowsAccess();
      return;
    case "failed":
      server.failed(message.address);
      return;
    case "desk":
      desk.answer(message.question, message.answer);
      return;
  }
});

// Before it knows the cameras it would answer that there are none.
await known;
await accessKnown;
tell({ type: "ready" });
await server.stopped;
await bus[Symbol.asyncDispose]();
process.exit();
