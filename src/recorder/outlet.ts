import { Limits } from "../protocol/index.ts";
import type { SourceFrame } from "./frame-source.ts";

/**
 * Hands the frames of all tracks of a source to the one who takes them. A keyframe replaces all frames of its track that
 * were not taken; deltas follow their keyframe, for a hole would break the picture. Nobody takes late for long: it is a
 * slot per track, not a queue.
 */
export class Outlet {
  readonly #frames: SourceFrame[] = [];
  #bytes = 0;
  /** Tracks that lost a delta: of no use until the next keyframe. */
  readonly #broken = new Set<string>();
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #overwritten = 0;

  /** Frames replaced or given up before they were taken. */
  get overwritten(): number {
    return this.#overwritten;
  }

  /** Offer a frame. After the end it is nothing. */
  put(frame: SourceFrame): void {
    if (this.#end !== undefined) return;
    if (frame.keyframe) {
      this.#drop(frame.track);
      this.#broken.delete(frame.track);
    } else if (this.#broken.has(frame.track)) {
      this.#overwritten++;
      return;
    } else if (this.#full(frame)) {
      this.#drop(frame.track);
      this.#broken.add(frame.track);
      this.#overwritten++;
      return;
    }
    this.#frames.push(frame);
    this.#bytes += frame.payload.byteLength;
    this.#wake?.();
  }

  /** No more frames: {@link take} gives those held, then throws `error`, or gives `undefined` if there is none. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** Discard what is held and take no more. */
  clear(): void {
    this.end();
    this.#frames.length = 0;
    this.#bytes = 0;
  }

  /** The frames of all tracks until the end, or until `signal` aborts. */
  async *frames(signal: AbortSignal): AsyncIterable<SourceFrame> {
    for (;;) {
      const frame = await this.#take();
      if (frame === undefined || signal.aborted) return;
      yield frame;
    }
  }

  async #take(): Promise<SourceFrame | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        this.#bytes -= frame.payload.byteLength;
        return frame;
      }
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  #full(frame: SourceFrame): boolean {
    return (
      this.#frames.length >= Limits.MAX_GOP_FRAMES ||
      this.#bytes + frame.payload.byteLength > Limits.MAX_GOP_BYTES
    );
  }

  #drop(track: string): void {
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const frame = this.#frames[i];
      if (frame?.track !== track) continue;
      this.#frames.splice(i, 1);
      this.#bytes -= frame.payload.byteLength;
      this.#overwritten++;
    }
  }
}
