/** How many bits a number takes in a scan; the code in front of it says so. */
export function bitLength(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

/** Writes a scan of a JPEG file: its blocks, bit by bit (ITU-T T.81, F.1.2). Which codes they have is the caller's business. */
export class JpegScanWriter {
  readonly #bytes: number[] = [];
  #held = 0;
  #heldBits = 0;

  /** The lowest `count` bits, at most 16; the others are zero. */
  bits(value: number, count: number): void {
    this.#held = (this.#held << count) | value;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      const byte = (this.#held >> this.#heldBits) & 0xff;
      this.#bytes.push(byte);
      // Behind ff stands 00, lest it be taken for a marker.
      if (byte === 0xff) this.#bytes.push(0);
    }
    this.#held &= (1 << this.#heldBits) - 1;
  }

  /** A number, in as many bits as its {@link bitLength}: of a negative one those of the number before it, so that they begin with a zero. */
  number(value: number): void {
    const size = bitLength(value);
    this.bits(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  /** All of it; the last byte is filled up with ones. */
  end(): Uint8Array {
    const free = (8 - this.#heldBits) % 8;
    this.bits((1 << free) - 1, free);
    return Uint8Array.from(this.#bytes);
  }
}
