/**
 * Reads the bits of a coded header: of NAL units of H.264 and H.265, of OBUs of AV1, of frames of VP9. Past the end all bits
 * are zero, so that a broken one gives nonsense rather than an exception: what is read must be checked.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Of a NAL unit as it travels, from its header on: the bytes that keep start codes out of it are left out. */
  static ofUnit(unit: Uint8Array): BitReader {
    const bytes = new Uint8Array(unit.length);
    let length = 0;
    let zeros = 0;
    for (const byte of unit) {
      if (zeros >= 2 && byte === 3) {
        zeros = 0;
        continue;
      }
      zeros = byte === 0 ? zeros + 1 : 0;
      bytes[length++] = byte;
    }
    return new BitReader(bytes.subarray(0, length));
  }

  /** u(n): the next `count` bits, at most 32, as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /** u(1) as a boolean. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** Leave out `count` bits. */
  skip(count: number): void {
    this.#at += count;
  }

  /** ue(v): Exp-Golomb, unsigned. */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && !this.flag()) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v): Exp-Golomb, signed. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
