import type { Address } from "../bus/index.ts";
import type { LedgerChange } from "../server/access/ledger.ts";
import type { CensusQuestion, Tally } from "../server/census.ts";
import type { Edge } from "../server/edge.ts";
import type { KeyPair } from "../server/tls/key-pair.ts";
import type { DeskAnswer, DeskCall, DeskNotice } from "./far-desk.ts";
import type { LogFormat } from "./log.ts";

/**
 * Environment variable that holds the orders of a worker, as JSON. Not in the arguments: any user may list those, and
 * a token opens the server.
 */
export const WORKER_ORDERS_VARIABLE = "HELLO_WORKER_ORDERS";

/** What a worker is told by the process that starts it. */
export interface WorkerOrders {
  readonly mapper: Address;
  /** Names the server that this is a part of. */
  readonly hub: string;
  readonly token: string | undefined;
  /** What it is called in `/metrics`. */
  readonly name: string;
  /** What a worker's entrance needs; who has access it is told before it is ready, and whenever that changes. */
  readonly access: {
    readonly closed: boolean;
    /** In base64url. */
    readonly key: string;
    readonly name: string;
    readonly allowedOrigins: readonly string[];
  };
  readonly edge: Edge;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
  readonly dropIn: boolean;
}

/** From the process that accepts to a worker. Numbers of questions are the asker's. */
export type ToWorker =
  /** Serve over TLS with this certificate from now on. Before any connection where there is one. */
  | { readonly type: "certificate"; readonly pair: KeyPair }
  /** With the connection itself, unless its client has left meanwhile. */
  | { readonly type: "connection" }
  /** What do you know? */
  | { readonly type: "ask"; readonly question: number; readonly about: CensusQuestion }
  /** What all workers know. */
  | { readonly type: "answer"; readonly question: number; readonly tally: Tally }
  /** Who has access: everybody at first, then each change. */
  | { readonly type: "access"; readonly change: LedgerChange }
  /** Somebody has failed to say who it is, at another worker. */
  | { readonly type: "failed"; readonly address: string }
  /** What the desk says. */
  | { readonly type: "desk"; readonly question: number; readonly answer: DeskAnswer };

/** From a worker to the process that accepts. */
export type FromWorker =
  /** It knows the cameras and takes connections. */
  | { readonly type: "ready" }
  /** How many connections it has taken since its start, and how many are busy now. */
  | { readonly type: "load"; readonly taken: number; readonly busy: number }
  /** What do all know? */
  | { readonly type: "ask"; readonly question: number; readonly about: CensusQuestion }
  /** What this one knows. */
  | { readonly type: "answer"; readonly question: number; readonly tally: Tally }
  /** A question to the desk. */
  | { readonly type: "desk"; readonly question: number; readonly call: DeskCall }
  /** A word to the desk. */
  | { readonly type: "notice"; readonly notice: DeskNotice };
