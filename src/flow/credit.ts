import { Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/** Memory for so many frames in flight is taken at first, by a receiver that has more than two. */
const FEW_FRAMES = 16;

const NONE = new Uint32Array(0);

/**
 * What one receiver is ready for on one track: a window, and the frames in flight. The whole back-pressure
 * rule is here: a frame may leave only while fewer than `windowFrames` are sent and not acknowledged.
 */
export class Credit {
  // The sequences in flight, the oldest first: two here, which most receivers do with, and those behind them in a ring that grows
  // with the window. Nothing is allocated per frame, and little memory is touched.
  #first = 0;
  #second = 0;
  #others = NONE;
  #head = 0;
  #inFlight = 0;
  #windowFrames: number;

  /** Starts with nothing in flight. `windowFrames` is 0 to {@link Limits.MAX_WINDOW_FRAMES}. */
  constructor(windowFrames: number) {
    this.#windowFrames = Math.min(windowFrames, Limits.MAX_WINDOW_FRAMES);
  }

  /** Whether a frame may leave now. */
  get available(): boolean {
    return this.#inFlight < this.#windowFrames;
  }

  /** Frames sent and not acknowledged. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Frames that the receiver is ready to hold. */
  get windowFrames(): number {
    return this.#windowFrames;
  }

  /** A frame left. Only while {@link available}. */
  spend(sequence: number): void {
    const place = this.#inFlight++;
    if (place === 0) this.#first = sequence;
    else if (place === 1) this.#second = sequence;
    else this.#append(sequence, place - 2);
  }

  /** The receiver has done with everything up to `sequence` and holds at most `windowFrames` from now on. */
  acknowledge(sequence: number, windowFrames: number): void {
    this.resize(windowFrames);
    while (this.#inFlight > 0 && distance(sequence, this.#first) >= 0) {
      this.#first = this.#second;
      if (this.#inFlight > 2) {
        this.#second = this.#others[this.#head] ?? 0;
        this.#head = (this.#head + 1) % this.#others.length;
      }
      this.#inFlight--;
    }
  }

  /** The receiver holds at most `windowFrames` from now on. Frames already in flight stay so. */
  resize(windowFrames: number): void {
    this.#windowFrames = Math.min(windowFrames, Limits.MAX_WINDOW_FRAMES);
  }

  /** Nothing is in flight: the track has another number now, what was sent before has no meaning. */
  clear(): void {
    this.#inFlight = 0;
  }

  /** Put one behind the `count` others. */
  #append(sequence: number, count: number): void {
    if (count === this.#others.length) this.#grow();
    this.#others[(this.#head + count) % this.#others.length] = sequence;
  }

  #grow(): void {
    const others = new Uint32Array(Math.max(FEW_FRAMES, this.#others.length * 2));
    others.set(this.#others.subarray(this.#head));
    others.set(this.#others.subarray(0, this.#head), this.#others.length - this.#head);
    this.#others = others;
    this.#head = 0;
  }
}
