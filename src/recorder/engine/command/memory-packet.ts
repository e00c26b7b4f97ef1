import type { Packet } from "../engine.ts";

/** A packet in JavaScript's memory, which needs no releasing. */
export class MemoryPacket implements Packet {
  readonly bytes: Uint8Array;
  readonly keyframe: boolean;
  readonly newParameters: Uint8Array | undefined;
  /** When to show it, in µs of the input's own clock. */
  readonly ptsMicros: number;
  readonly dtsMicros: number | undefined;

  constructor(facts: {
    readonly bytes: Uint8Array;
    readonly keyframe: boolean;
    readonly newParameters?: Uint8Array | undefined;
    readonly ptsMicros: number;
    readonly dtsMicros?: number | undefined;
  }) {
    this.bytes = facts.bytes;
    this.keyframe = facts.keyframe;
    this.newParameters = facts.newParameters;
    this.ptsMicros = facts.ptsMicros;
    this.dtsMicros = facts.dtsMicros;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  // Nobody writes into it.
  copy(): Uint8Array {
    return this.bytes;
  }

  share(): Packet {
    return this;
  }

  [Symbol.dispose](): void {}
}
