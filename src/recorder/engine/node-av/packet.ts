import { AV_NOPTS_VALUE, AV_PKT_DATA_NEW_EXTRADATA } from "node-av/constants";
import { type IRational, Packet as NativePacket } from "node-av/lib";
import type { Packet as PacketPort } from "../engine.ts";
import { check } from "./error.ts";

/** The time base of all that is encoded here. */
export const MICROS_PER_SECOND = 1_000_000;

/** One encoded packet. Dispose of it: it may hold a buffer of the driver. */
export class Packet implements PacketPort {
  readonly native: NativePacket;
  readonly dtsMicros: number | undefined;

  private constructor(native: NativePacket, dtsMicros?: number) {
    this.native = native;
    this.dtsMicros = dtsMicros;
  }

  /** What FFmpeg filled, on the clock of its stream. */
  static from(native: NativePacket, timeBase: IRational): Packet {
    return new Packet(native, toMicros(native.dts === AV_NOPTS_VALUE ? native.pts : native.dts, timeBase));
  }

  /** A packet of bytes that FFmpeg did not read itself. They are copied. @throws FfmpegError */
  static of(bytes: Uint8Array): Packet {
    const native = newPacket();
    native.data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    native.isKeyframe = true;
    return new Packet(native);
  }

  get keyframe(): boolean {
    return this.native.isKeyframe;
  }

  get byteLength(): number {
    return this.native.size;
  }

  get newParameters(): Uint8Array | undefined {
    const data = this.native.getSideData(AV_PKT_DATA_NEW_EXTRADATA);
    return data === null ? undefined : new Uint8Array(data);
  }

  get bytes(): Uint8Array {
    return this.native.data ?? new Uint8Array(0);
  }

  // A driver's buffer ends with the device.
  copy(): Uint8Array {
    const data = this.native.data;
    return data === null ? new Uint8Array(0) : new Uint8Array(data);
  }

  share(): Packet {
    const native = newPacket();
    check(native.ref(this.native));
    return new Packet(native, this.dtsMicros);
  }

  [Symbol.dispose](): void {
    this.native.free();
  }
}

function toMicros(stamp: bigint, { num, den }: IRational): number | undefined {
  if (stamp === AV_NOPTS_VALUE) return undefined;
  return (Number(stamp) * num * MICROS_PER_SECOND) / den;
}

/** An empty packet for FFmpeg to fill. */
export function newPacket(): NativePacket {
  const native = new NativePacket();
  native.alloc();
  return native;
}
