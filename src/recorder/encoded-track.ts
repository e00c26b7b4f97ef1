import type { Micros, TrackInfo } from "../protocol/index.ts";
import type { Encoding } from "./encoding.ts";
import type * as Engine from "./engine/engine.ts";
import type { SourceFrame } from "./frame-source.ts";
import { Lane } from "./lane.ts";

/** A track that is made here, while somebody wants it: with nobody, its encoder is closed. */
export class EncodedTrack implements AsyncDisposable {
  readonly #encoding: Encoding;
  readonly #lane = new Lane();
  #wanted = false;
  #withdrawn = false;
  #encoded = 0;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** The track as it is now. Another object when it changes. */
  get info(): TrackInfo {
    return this.#encoding.info;
  }

  /** Frames that did not fit the wire. */
  get broken(): number {
    return this.#encoding.broken;
  }

  /** Frames that were encoded. */
  get encoded(): number {
    return this.#encoded;
  }

  /** Whether somebody wants it. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Say whether somebody wants it. */
  set wanted(wanted: boolean) {
    if (wanted === this.#wanted || this.#withdrawn) return;
    this.#wanted = wanted;
    if (!wanted) this.#rest().catch(() => {});
  }

  /** Whether it cannot be had any more. */
  get withdrawn(): boolean {
    return this.#withdrawn;
  }

  /** It cannot be had: it is not offered and not made from now on. */
  withdraw(): void {
    this.wanted = false;
    this.#withdrawn = true;
  }

  /** Somebody needs a keyframe. */
  keyframe(): void {
    if (this.#wanted) this.#encoding.keyframe();
  }

  /** The frames that `picture` completes; none while nobody wants them. @throws FfmpegError, SourceError */
  encode(picture: Engine.Picture, capturedAt: Micros): Promise<SourceFrame[]> {
    return this.#lane.run(async () => {
      if (!this.#wanted) return [];
      const frames = await this.#encoding.encode(picture, capturedAt);
      this.#encoded += frames.length;
      return frames;
    });
  }

  #rest(): Promise<void> {
    return this.#lane.run(async () => {
      if (!this.#wanted) await this.#encoding.rest();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wanted = false;
    await this.#rest();
  }
}
