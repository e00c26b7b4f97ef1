/**
 * How frames are held and paced: pure rules, no socket, no clock of their own.
 * @module
 */
export { AgeLedger } from "./age-ledger.ts";
export { Allowance } from "./allowance.ts";
export { Backoff } from "./backoff.ts";
export { Credit } from "./credit.ts";
export { Gop } from "./gop.ts";
export { type Counted, Histogram } from "./histogram.ts";
export { Rate } from "./rate.ts";
export { Reader } from "./reader.ts";
export { distance } from "./serial.ts";
