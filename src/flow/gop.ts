import { type Frame, Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/**
 * The newest group of pictures of one track: a keyframe and the deltas that followed it. A newer keyframe
 * replaces all of it; nobody waits in a queue. A JPEG track is the simple case in which every frame is a
 * keyframe, so this is a slot for the newest one.
 */
export class Gop {
  readonly #frames: Frame.Frame[] = [];
  #bytes = 0;
  #taken = true;
  #overwritten = 0;
  #orphans = 0;
  readonly #sparse: boolean;

  /**
   * `sparse`: who sends leaves frames out that no other needs, so a hole is no loss, and every delta that comes can be
   * decoded with what came before it.
   */
  constructor(options: { readonly sparse: boolean } = { sparse: false }) {
    this.#sparse = options.sparse;
  }

  /** Frames replaced before anybody took them. */
  get overwritten(): number {
    return this.#overwritten;
  }

  /** Deltas that could not be kept: their predecessors are missing. */
  get orphans(): number {
    return this.#orphans;
  }

  /** The newest frame, if there is any. */
  get newest(): Frame.Frame | undefined {
    return this.#frames.at(-1);
  }

  /** Keep a frame; whether it could be kept. A delta can only follow the frame of the sequence before it. */
  put(frame: Frame.Frame): boolean {
    if (frame.keyframe) {
      if (!this.#taken) this.#overwritten++;
      this.clear();
    } else if (!this.#continues(frame)) {
      // A GOP with a hole decodes to a broken picture. Those who have its beginning keep it until the next keyframe, which whoever
      // holds the GOP asks for: a reader sees no more than that nothing comes.
      this.#orphans++;
      return false;
    } else if (
      this.#frames.length >= Limits.MAX_GOP_FRAMES ||
      this.#bytes + frame.payload.byteLength > Limits.MAX_GOP_BYTES
    ) {
      this.#cut();
    }
    this.#frames.push(frame);
    this.#bytes += frame.payload.byteLength;
    this.#taken = false;
    return true;
  }

  /**
   * The frame for a reader that took `sequence` last (`undefined`: none yet): the next one if it is within this
   * GOP, else the keyframe. `undefined` if there is none to take yet.
   */
  after(sequence: number | undefined): Frame.Frame | undefined {
    const first = this.#frames[0];
    if (first === undefined) return undefined;
    const position = sequence === undefined ? undefined : this.#position(sequence, first);
    const next = position !== undefined ? this.#frames[position + 1] : first.keyframe ? first : undefined;
    if (next !== undefined) this.#taken = true;
    return next;
  }

  /** Forget all frames. */
  clear(): void {
    this.#frames.length = 0;
    this.#bytes = 0;
    this.#taken = true;
  }

  #continues(frame: Frame.Frame): boolean {
    const last = this.#frames.at(-1);
    if (last === undefined) return false;
    const step = distance(frame.sequence, last.sequence);
    return this.#sparse ? step > 0 : step === 1;
  }

  /** Where `sequence` stands, -1 right before the first; of one in a hole, where the one before it stands. */
  #position(sequence: number, first: Frame.Frame): number | undefined {
    const ahead = distance(sequence, first.sequence);
    if (ahead < -1 || distance(sequence, this.newest?.sequence ?? 0) > 0) return undefined;
    let position = Math.min(ahead, this.#frames.length - 1);
    // Without holes it stands here, and nothing is searched.
    while (position >= 0 && distance(this.#frames[position]?.sequence ?? 0, sequence) > 0) position--;
    return position;
  }

  /** Let the older half go: readers near the live edge go on, newcomers need another keyframe. */
  #cut(): void {
    const gone = this.#frames.splice(0, Math.ceil(this.#frames.length / 2));
    for (const frame of gone) this.#bytes -= frame.payload.byteLength;
  }
}
