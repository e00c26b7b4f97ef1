/**
 * How frames are held and paced: pure rules, no socket, no clock of their own.
 * @module
 */
export { AgeLedger } from "./age-ledger.ts";
export { Allowance } from "./allowance.ts";
export { Backoff } from "./backoff.ts";
export { ClockOffset } from "./clock-offset.ts";
export { Credit } from "./credit.ts";
export { DeltaWindow } from "./delta-window.ts";
export { Floor } from "./floor.ts";
export { Gop } from "./gop.ts";
export { type Counted, Histogram } from "./histogram.ts";
export { HopWindow } from "./hop-window.ts";
export { KeyframeWishes } from "./keyframe-wishes.ts";
export { Rate } from "./rate.ts";
export { MAX_LAG_MICROS, Reader } from "./reader.ts";
export { distance } from "./serial.ts";
export { type FrameWindow, Window } from "./window.ts";
