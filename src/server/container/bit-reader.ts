/**
 * Reads the bits of a NAL unit's payload (ITU-T H.264 sections 7.2 and 9.1). Past the end all bits are zero, so that a
 * broken parameter set gives nonsense rather than an exception: what is read must be checked.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** `unit`: a NAL unit with its header byte, and with emulation prevention bytes, which are left out here. */
  constructor(unit: Uint8Array) {
    const bytes: number[] = [];
    let zeros = 0;
    for (const byte of unit.subarray(1)) {
      if (zeros >= 2 && byte === 3) {
        zeros = 0;
        continue;
      }
      zeros = byte === 0 ? zeros + 1 : 0;
      bytes.push(byte);
    }
    this.#bytes = new Uint8Array(bytes);
  }

  /** u(n): `count` bits, at most 32. */
  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }

  /** u(1) as a boolean. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** ue(v): Exp-Golomb, unsigned. */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && !this.flag()) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v): Exp-Golomb, signed. */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
