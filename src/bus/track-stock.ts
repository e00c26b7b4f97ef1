import { Gop, Rate } from "../flow/index.ts";
import { TrackCounters } from "./track-counters.ts";

/** What a hub holds of a track that somebody publishes, or has published, and what it has counted of it. */
export class TrackStock {
  /** The newest frames. */
  readonly gop: Gop = new Gop();
  /** What is counted of them. */
  readonly counters: TrackCounters = new TrackCounters();
  /** When frames came. */
  readonly frames: Rate = new Rate();
  /** When bytes came. */
  readonly bytes: Rate = new Rate();
}
