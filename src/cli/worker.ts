import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { DeskSeat, MainDesk } from "../server/access/desk.ts";
import type { CensusQuestion, Tally } from "../server/census.ts";
import type { Certificate } from "../server/tls/key-pair.ts";
import { Child } from "./child.ts";
import { answerDesk, noteAtDesk } from "./far-desk.ts";
import { Questions } from "./questions.ts";
import type { Seat, Spread } from "./spread.ts";
import {
  type FromWorker,
  type ToWorker,
  WORKER_ORDERS_VARIABLE,
  type WorkerOrders,
} from "./worker-messages.ts";

/** The program of a worker's process. */
const WORKER_FILE = fileURLToPath(new URL("./worker-main.js", import.meta.url));

/** Milliseconds from a worker's start to its first word; a small computer under load takes two seconds. */
const START_TIMEOUT_MS = 15_000;

/** Milliseconds that a worker has for an answer. One that is so busy does not count in this census. */
const ANSWER_TIMEOUT_MS = 1000;

/** What a worker needs of the process that starts it. */
export interface WorkerOptions {
  readonly orders: WorkerOrders;
  /** Decides who has access. */
  readonly desk: MainDesk;
  readonly environment: NodeJS.ProcessEnv;
  /** What it serves with over TLS. */
  readonly certificate: Certificate | undefined;
  /** Gives it its share of the connections. */
  readonly spread: Spread<Socket>;
  /** What all workers know; it asks on behalf of a client. */
  readonly census: (about: CensusQuestion) => Promise<Tally>;
  /** It has ended, and how; it is started again. */
  readonly ended: (how: string) => void;
  /** It starts, for the first time or again. */
  readonly started: () => void;
}

/** One worker, kept running for ever: a server without a port, in a process of its own. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #questions = new Questions<Tally>(ANSWER_TIMEOUT_MS);
  readonly #child: Child;
  /** The process that runs now. */
  #process: ChildProcess | undefined;

  /** Starts it at once. */
  constructor(options: WorkerOptions) {
    this.#options = options;
    const { orders, environment, ended } = options;
    this.#child = new Child({
      file: WORKER_FILE,
      environment: { ...environment, [WORKER_ORDERS_VARIABLE]: JSON.stringify(orders) },
      started: (process) => this.#started(process),
      ended,
    });
    options.certificate?.follow((pair) => this.#tell({ type: "certificate", pair }));
  }

  /** What it knows; `undefined` if it cannot say now. */
  tally(about: CensusQuestion): Promise<Tally | undefined> {
    return this.#questions.ask((question) => {
      if (this.#process?.connected === true) this.#tell({ type: "ask", question, about });
      else this.#questions.answer(question, undefined);
    });
  }

  /** Stop it: its viewers are told. Resolves when it has ended. */
  stop(): Promise<void> {
    return this.#child.stop();
  }

  #started(process: ChildProcess): void {
    this.#process = process;
    this.#options.started();
    const { certificate } = this.#options;
    if (certificate !== undefined) this.#tell({ type: "certificate", pair: certificate.current });
    // Our end of the connection stays open until the worker says that it has it: if it dies before, another gets it.
    const seat = this.#options.spread.join((socket) => {
      process.send({ type: "connection" } satisfies ToWorker, socket, { keepOpen: true }, () => {});
    });
    const limit = setTimeout(() => process.kill("SIGKILL"), START_TIMEOUT_MS);
    const { ledger } = this.#options.desk;
    const tell = (message: ToWorker): void => {
      if (process.connected) process.send(message, undefined, {}, () => {});
    };
    tell({ type: "access", change: { type: "all", content: ledger.content() } });
    const unfollow = ledger.follow((change) => tell({ type: "access", change }));
    const atDesk = this.#options.desk.seat((address) => tell({ type: "failed", address }));
    process.on("message", (message: FromWorker) => {
      if (message.type === "ready") clearTimeout(limit);
      this.#receive(message, seat, atDesk);
    });
    const left = (): void => {
      clearTimeout(limit);
      if (this.#process === process) this.#process = undefined;
      this.#questions.close();
      seat.leave();
      unfollow();
      atDesk.close();
    };
    // Its exit may be known before its last words have been read: those are there in the same turn. "disconnect" does not
    // come from one that dies with a connection on the way to it.
    process.once("exit", () => setImmediate(left));
    process.once("error", left);
  }

  #receive(message: FromWorker, seat: Seat, atDesk: DeskSeat): void {
    switch (message.type) {
      case "ready":
        seat.ready();
        return;
      case "load":
        seat.report(message.taken, message.busy);
        return;
      case "answer":
        this.#questions.answer(message.question, message.tally);
        return;
      case "ask":
        void this.#options
          .census(message.about)
          .then((tally) => this.#tell({ type: "answer", question: message.question, tally }));
        return;
      case "desk":
        void answerDesk(atDesk, message.call).then((answer) =>
          this.#tell({ type: "desk", question: message.question, answer }),
        );
        return;
      case "notice":
        noteAtDesk(atDesk, message.notice);
        return;
    }
  }

  #tell(message: ToWorker): void {
    if (this.#process?.connected === true) this.#process.send(message, undefined, {}, () => {});
  }
}
