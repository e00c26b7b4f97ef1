import { createHash } from "node:crypto";
import { StalledError } from "./stalled-error.ts";

/** Bytes that are looked at first: of two pictures of a sensor some of them differ, and no more need be read. */
const SAMPLES = 256;

/** The longest that a picture may stay the same if opening the device again has not changed it, in ms. */
const MAX_PATIENCE_MS = 3_600_000;

/**
 * Sees that a camera gives the same picture bit for bit, again and again. A sensor is never quite still: what stays the
 * same for long is a frozen device, or a picture that nothing moves in and no sensor made (then opening the device again
 * helps nothing, and it is done ever more rarely). It lives longer than a capture.
 */
export class FrozenPicture {
  readonly #firstMs: number;
  #patienceMs: number;
  #sample: number | undefined;
  #digest: string | undefined;
  #sinceMs = 0;

  /** `patienceMs`: for how long a picture may be the same. */
  constructor(patienceMs: number) {
    this.#firstMs = patienceMs;
    this.#patienceMs = patienceMs;
  }

  /** The device is opened again: it has as long once more. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** A picture of the device, as it came. @throws StalledError if it has been the same for too long */
  look(picture: Uint8Array, nowMs: number): void {
    const sample = sampled(picture);
    // Of a picture that may be the same every byte counts: what moves may be small.
    const digest = sample === this.#sample ? createHash("sha1").update(picture).digest("base64") : undefined;
    this.#sample = sample;
    const same = digest !== undefined && digest === this.#digest;
    const first = digest !== undefined && this.#digest === undefined;
    this.#digest = digest;
    if (!same) {
      // The second of a row is the first whose digest is taken: whether it is the same shows the third.
      if (!first) this.#patienceMs = this.#firstMs;
      this.#sinceMs = nowMs;
      return;
    }
    const forMs = nowMs - this.#sinceMs;
    if (forMs < this.#patienceMs) return;
    this.#patienceMs = Math.min(2 * this.#patienceMs, MAX_PATIENCE_MS);
    throw new StalledError(`the picture has not changed by one bit for ${Math.round(forMs / 1000)} s`);
  }
}

/** A number that differs for most pictures that differ: FNV-1a over some of the bytes, and the length. */
function sampled(bytes: Uint8Array): number {
  const step = Math.max(1, Math.floor(bytes.byteLength / SAMPLES));
  let hash = 0x811c9dc5 ^ bytes.byteLength;
  for (let at = 0; at < bytes.byteLength; at += step) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash;
}
