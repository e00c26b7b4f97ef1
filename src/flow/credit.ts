import { Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/** Frames in flight that nearly every receiver has room for. Arrays up to this size lie beside their owner, not in memory of their own. */
const FEW_FRAMES = 16;

/**
 * What one receiver is ready for on one track: a window, and the frames in flight. The whole back-pressure
 * rule is here: a frame may leave only while fewer than `windowFrames` are sent and not acknowledged.
 */
export class Credit {
  // A ring of the sequences in flight, oldest at #head. It grows with the window: nothing is allocated per frame.
  #sent = new Uint32Array(FEW_FRAMES);
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
    if (this.#inFlight === this.#sent.length) this.#grow();
    this.#sent[(this.#head + this.#inFlight) % this.#sent.length] = sequence;
    this.#inFlight++;
  }

  /** The receiver has done with everything up to `sequence` and holds at most `windowFrames` from now on. */
  acknowledge(sequence: number, windowFrames: number): void {
    this.resize(windowFrames);
    while (this.#inFlight > 0 && distance(sequence, this.#sent[this.#head] ?? 0) >= 0) {
      this.#head = (this.#head + 1) % this.#sent.length;
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

  #grow(): void {
    const sent = new Uint32Array(this.#sent.length * 2);
    sent.set(this.#sent.subarray(this.#head));
    sent.set(this.#sent.subarray(0, this.#head), this.#sent.length - this.#head);
    this.#sent = sent;
    this.#head = 0;
  }
}
