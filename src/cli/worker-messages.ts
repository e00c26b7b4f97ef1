import type { Address } from "../bus/index.ts";
import type { Tally } from "../server/census.ts";

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
  readonly logLevel: string;
}

/** From the process that accepts to a worker. Numbers of questions are the asker's. */
export type ToWorker =
  /** With the connection itself, unless its client has left meanwhile. */
  | { readonly type: "connection" }
  /** What do you know? */
  | { readonly type: "ask"; readonly question: number; readonly camera: string | undefined }
  /** What all workers know. */
  | { readonly type: "answer"; readonly question: number; readonly tally: Tally };

/** From a worker to the process that accepts. */
export type FromWorker =
  /** It knows the cameras and takes connections. */
  | { readonly type: "ready" }
  /** How many connections it has taken since its start, and how many are busy now. */
  | { readonly type: "load"; readonly taken: number; readonly busy: number }
  /** What do all know? */
  | { readonly type: "ask"; readonly question: number; readonly camera: string | undefined }
  /** What this one knows. */
  | { readonly type: "answer"; readonly question: number; readonly tally: Tally };
