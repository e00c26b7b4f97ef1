/** Reads the fields of a parameter set of H.264 or H.265, bit by bit. Behind the end everything is 0. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** `unit` is a NAL unit as it travels: the bytes that keep start codes out of it are left out here. */
  constructor(unit: Uint8Array) {
    this.#bytes = unit.filter((byte, i) => !(byte === 3 && i >= 2 && unit[i - 1] === 0 && unit[i - 2] === 0));
  }

  /** The next `count` bits, at most 32, as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /** The next bit. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** Leave out `count` bits. */
  skip(count: number): void {
    this.#at += count;
  }

  /** An unsigned Exp-Golomb number. */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && !this.flag()) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb number. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
