import { PictureOrder } from "../../codec/index.ts";
import type { Frame } from "../../protocol/index.ts";

/** The interval of frames where the camera does not tell its rate, in µs. */
const USUAL_INTERVAL_MICROS = 1_000_000 / 30;

/** Pictures whose place among the others is remembered: more than any stream reorders. */
const REMEMBERED = 32;

/** The least between two pictures, in µs: as much as the ticks of any container tell apart. */
const LEAST_GAP_MICROS = 100;

/** A picture that was given its time. */
interface Shown {
  readonly place: number;
  readonly at: number;
}

/**
 * Says when each frame of a stream is shown. Frames come in the order of decoding, with the times of that order; with B-frames the
 * pictures are shown in another. A frame that is shown later than it is decoded pushes all others back by as many frames as the
 * stream may reorder, so that none is shown before it is decoded.
 */
export class Presentation {
  readonly #order = new PictureOrder();
  readonly #intervalMicros: number;
  #keySequence = 0;
  #delayed = 0;
  /** When the frames since the keyframe were decoded, by their number. */
  #decoded: number[] = [];
  /** In the order of showing. */
  #shown: Shown[] = [];
  /** When the last picture before the keyframe is shown. */
  #floor = Number.NEGATIVE_INFINITY;

  /** `rate`: what the camera promises, in frames per second. */
  constructor(rate: number | undefined) {
    this.#intervalMicros = rate === undefined ? USUAL_INTERVAL_MICROS : 1_000_000 / rate;
  }

  /** When the next frame is shown, on the clock of its capture time; the first one is a keyframe. */
  at(frame: Frame.Frame): number {
    const place = this.#order.place(frame.payload, frame.keyframe);
    this.#delayed = Math.max(this.#delayed, this.#order.reordered ?? 0);
    if (place === undefined) return frame.capturedAt;
    if (frame.keyframe) {
      this.#floor = this.#shown.at(-1)?.at ?? this.#floor;
      this.#keySequence = frame.sequence;
      this.#decoded = [];
      this.#shown = [];
    }
    const number = (frame.sequence - this.#keySequence) >>> 0;
    this.#decoded[number % REMEMBERED] = frame.capturedAt;
    // A stream that does not say how much it reorders shows it.
    this.#delayed = Math.max(this.#delayed, Math.min(REMEMBERED / 2, number - place));
    return this.#insert(place, this.#wish(number, place, frame.capturedAt));
  }

  /** The present GOP comes again, from this keyframe on; what was given its time already is left out. */
  again(keyframe: Frame.Frame): void {
    this.#keySequence = keyframe.sequence;
  }

  // The times of decoding, put in the order of showing.
  #wish(number: number, place: number, capturedAt: number): number {
    const known = place >= 0 && place > number - REMEMBERED && place <= number;
    const at = known ? this.#decoded[place % REMEMBERED] : undefined;
    const own = at ?? capturedAt + (place - number) * this.#intervalMicros;
    return Math.round(own + this.#delayed * this.#intervalMicros);
  }

  // Whatever the clocks say, the order stays.
  #insert(place: number, wish: number): number {
    let index = this.#shown.length;
    while (index > 0 && (this.#shown[index - 1]?.place ?? 0) > place) index--;
    const after = this.#shown[index - 1] ?? { place: -this.#delayed - 1, at: this.#floor };
    const before = this.#shown[index] ?? { place, at: Number.POSITIVE_INFINITY };
    // Room is left for those that come in between.
    const latest = before.at - LEAST_GAP_MICROS * (before.place - place);
    const at = Math.max(Math.min(wish, latest), after.at + LEAST_GAP_MICROS * (place - after.place));
    this.#shown.splice(index, 0, { place, at });
    if (this.#shown.length > REMEMBERED) this.#floor = this.#shown.shift()?.at ?? this.#floor;
    return at;
  }
}
