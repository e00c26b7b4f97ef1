/** Buffers that are kept for the next picture: those that are on their way at once. */
const KEPT = 6;

/** Memory of pictures that is used again: a megabyte for each would keep the collector busy. */
export class PicturePool {
  #free: Uint8Array[] = [];

  /** A buffer of this length; its content is of no meaning. */
  take(byteLength: number): Uint8Array {
    const found = this.#free.pop();
    if (found?.byteLength === byteLength) return found;
    // Those of another size are not needed any more.
    this.#free = [];
    return new Uint8Array(byteLength);
  }

  /** Nobody reads `buffer` any more. */
  give(buffer: Uint8Array): void {
    if (this.#free.length < KEPT) this.#free.push(buffer);
  }
}
