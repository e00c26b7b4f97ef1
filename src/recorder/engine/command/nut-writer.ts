import { checksum, FILE_ID, FrameFlag, LONG_HEADER_BYTES, PIPE, START_CODES, VERSION } from "./nut-format.ts";
import type { NutStream } from "./nut-stream.ts";

/** Ticks per second of what is written: capture times are in µs. */
export const TICKS_PER_SECOND = 1_000_000;

/** A time is written whole: behind this bound there is no short form. */
const PTS_SHIFT = 7;
/** Of syncpoints, which there are none of. */
const MAX_DISTANCE = 32_767;

/** What stands in front of a stream of video. */
export function nutHeader(
  stream: Pick<NutStream, "tag" | "width" | "height" | "delay" | "parameters">,
): Uint8Array {
  const { tag, width, height, delay, parameters } = stream;
  const main = new Fields();
  main.v(VERSION, 1, 1, MAX_DISTANCE, 1, 1, TICKS_PER_SECOND);
  // One line for all 255 frame codes: a frame says everything itself.
  main.v(FrameFlag.CODED, 6, 0, 1, 0, 0, 0, 255);
  main.v(0, PIPE);
  const video = new Fields();
  video.v(0, 0);
  video.vb(tag);
  video.v(0, PTS_SHIFT, TICKS_PER_SECOND, delay, 0);
  video.vb(parameters);
  video.v(width, height, 0, 0, 0);
  const start = new Fields();
  start.v(0, 0);
  return Buffer.concat([
    FILE_ID,
    packet(START_CODES.main, main),
    packet(START_CODES.stream, video),
    packet(START_CODES.syncpoint, start),
  ]);
}

/** What stands in front of the bytes of a frame; `pts` in ticks, not negative. */
export function nutFrame(pts: number, keyframe: boolean, byteLength: number): Uint8Array {
  const { CODED_PTS, SIZE_MSB, CHECKSUM, KEY } = FrameFlag;
  const fields = new Fields();
  fields.v(0, CODED_PTS | SIZE_MSB | CHECKSUM | (keyframe ? KEY : 0), pts + 2 ** PTS_SHIFT, byteLength);
  return fields.checked();
}

function packet(startCode: bigint, fields: Fields): Uint8Array {
  const body = fields.checked();
  const head = new Fields();
  head.u64(startCode);
  head.v(body.byteLength);
  return Buffer.concat([body.byteLength > LONG_HEADER_BYTES ? head.checked() : head.bytes, body]);
}

/** Bytes that are put together of numbers. */
class Fields {
  readonly #bytes: number[] = [];

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Numbers of any size, seven bits in a byte. */
  v(...values: readonly number[]): void {
    for (const value of values) {
      const groups = [value % 128];
      for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
        groups.unshift((rest % 128) + 128);
      }
      this.#bytes.push(...groups);
    }
  }

  vb(bytes: Uint8Array): void {
    this.v(bytes.byteLength);
    this.#bytes.push(...bytes);
  }

  u64(value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    this.#bytes.push(...bytes);
  }

  /** The bytes with their check behind them. */
  checked(): Uint8Array {
    const bytes = this.bytes;
    const check = Buffer.alloc(4);
    check.writeUInt32BE(checksum(bytes));
    return Buffer.concat([bytes, check]);
  }
}
