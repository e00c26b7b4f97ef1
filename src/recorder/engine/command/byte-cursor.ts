/** There are fewer bytes than were asked for. */
export class ShortError extends Error {}

/** Reads numbers out of bytes that may not all be there yet. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  /** Where it stands. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Bytes behind it. */
  get left(): number {
    return this.#bytes.byteLength - this.at;
  }

  /** One byte. @throws ShortError */
  u8(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new ShortError();
    this.at++;
    return byte;
  }

  /** Eight bytes. @throws ShortError */
  u64(): bigint {
    return Buffer.from(this.take(8)).readBigUInt64BE();
  }

  /** A number of any size, seven bits in a byte. @throws ShortError */
  v(): number {
    let value = 0;
    for (;;) {
      const byte = this.u8();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
      if (value > Number.MAX_SAFE_INTEGER / 128) throw new RangeError("a number in it is too large");
    }
  }

  /** A number with a sign. @throws ShortError */
  s(): number {
    const value = this.v();
    return value % 2 === 1 ? (value + 1) / 2 : 0 - value / 2;
  }

  /** `count` bytes, not copied. @throws ShortError */
  take(count: number): Uint8Array {
    if (count > this.left) throw new ShortError();
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** Bytes behind their count, not copied. @throws ShortError */
  vb(): Uint8Array {
    return this.take(this.v());
  }
}
