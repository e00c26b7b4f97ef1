import type { Link } from "./link.ts";

/** A link that a viewer may have, and what is sent over it. */
export interface Scenario {
  readonly name: string;
  /** In a few words, for tables. */
  readonly title: string;
  readonly link: Link;
  /** What the viewers may take: `still` pins every program to the camera's own JPEGs. */
  readonly tracks: "still" | "any";
  /** Length of the measurement, if it needs a certain one: long enough for `P99_FRAMES` of JPEG on its link. */
  readonly seconds?: number;
}

const MBIT = 1_000_000;

const SLUMP = {
  bitsPerSecond: 8 * MBIT,
  changes: [
    { fromMs: 5_000, bitsPerSecond: 0.5 * MBIT },
    { fromMs: 15_000, bitsPerSecond: 8 * MBIT },
  ],
};

/** What the lab can play, in the order in which it does. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "unshaped", title: "no limit", link: {}, tracks: "still" },
  { name: "narrow", title: "8 Mbit/s, JPEG", link: { bitsPerSecond: 8 * MBIT }, tracks: "still" },
  {
    name: "deep",
    title: "8 Mbit/s, a queue of 250 ms, JPEG",
    link: { bitsPerSecond: 8 * MBIT, queueBytes: 250_000 },
    tracks: "still",
  },
  { name: "ladder", title: "8 Mbit/s, any track", link: { bitsPerSecond: 8 * MBIT }, tracks: "any" },
  {
    name: "thin",
    title: "1 Mbit/s, round trip 200 ms, any track",
    link: { bitsPerSecond: MBIT, roundTripMs: 200 },
    tracks: "any",
  },
  {
    name: "far",
    title: "100 Mbit/s, round trip 200 ms, JPEG",
    link: { bitsPerSecond: 100 * MBIT, roundTripMs: 200 },
    tracks: "still",
  },
  { name: "slump", title: "8, 0.5 for 10 s, 8 Mbit/s; JPEG", link: SLUMP, tracks: "still", seconds: 40 },
  {
    name: "slump-ladder",
    title: "8, 0.5 for 10 s, 8 Mbit/s; any track",
    link: SLUMP,
    tracks: "any",
    seconds: 40,
  },
  {
    name: "stall",
    title: "8 Mbit/s, 3 s of nothing, JPEG",
    link: { bitsPerSecond: 8 * MBIT, stall: { fromMs: 4_000, toMs: 7_000 } },
    tracks: "still",
    seconds: 30,
  },
  {
    name: "jitter",
    title: "50 Mbit/s, round trip 60 ms, jitter up to 40 ms, JPEG",
    link: { bitsPerSecond: 50 * MBIT, roundTripMs: 60, jitterMs: 40 },
    tracks: "still",
  },
];
