/**
 * An MPEG transport stream with one H.264 program (ISO/IEC 13818-1), one PES packet for each frame, as soon as there
 * is the frame. Its continuity counters belong to the reader, so its bytes cannot be shared: a reader that has skipped
 * to a keyframe must count on as if nothing was missing.
 *
 * mediabunny, which the client uses, holds the packets of a GOP back to sort them, sends its tables once and has no
 * clock (PCR) at all.
 * @module
 */
import { AnnexB, NalType, nalType } from "../../codec/index.ts";
import type { Frame } from "../../protocol/index.ts";
import { crc32 } from "./crc32.ts";

const PACKET_BYTES = 188;
const TABLES_PID = 0x0000;
const PROGRAM_PID = 0x1000;
const VIDEO_PID = 0x0100;

/** 90 kHz ticks of a time, 33 bits of them. */
const TICKS_PER_MICRO = 0.09;
const CLOCK_TURN = 2 ** 33;

/**
 * How far the clock is behind the picture that comes with it, in ticks: 100 ms, for a reader that shows nothing until
 * its clock says so must have the whole picture by then.
 */
const CLOCK_LAG = 9_000;

// Section 2.4.4.3, program association: program 1 is described on PROGRAM_PID.
// | table 0 | 1011 and length u12 = 13 | stream u16 = 1 | 11, version 0, current | section 0 of 0 | program u16 | 111 and PID | CRC
const ASSOCIATION = section([
  0x00,
  0xb0,
  13,
  0,
  1,
  0xc1,
  0,
  0,
  0,
  1,
  0xe0 | (PROGRAM_PID >> 8),
  PROGRAM_PID & 0xff,
]);

// Section 2.4.4.8, program map: H.264 (0x1b) on VIDEO_PID, where the clock is too.
// | table 2 | 1011 and length u12 = 18 | program u16 = 1 | 11, version 0, current | section 0 of 0 | 111 and clock's PID |
// | 1111 and info length 0 | type 0x1b | 111 and PID | 1111 and info length 0 | CRC
const VIDEO = [0xe0 | (VIDEO_PID >> 8), VIDEO_PID & 0xff] as const;
const PROGRAM_MAP = section([0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, ...VIDEO, 0xf0, 0, 0x1b, ...VIDEO, 0xf0, 0]);

/** In front of a frame: "any slice type" (ITU-T H.264 section 7.3.2.4). A transport stream must have it (section 2.14.1). */
const DELIMITER: Buffer = Buffer.from([0, 0, 0, 1, NalType.DELIMITER, 0xf0]);

/** Bytes of a PES header without times, and of a time. */
const PES_HEAD_BYTES = 9;
const TIME_BYTES = 5;

/** The most that a PES packet's length can say; a longer one of video says 0 (section 2.4.3.7). */
const MAX_PES_BYTES = 0xffff;

/** One reader's transport stream. */
export class TransportStream {
  readonly #counters = new Map<number, number>();

  /**
   * The packets of a frame, and before a keyframe the tables, so that a reader can begin there. It is decoded at its capture time
   * and shown at `shownAt`, in µs on the same clock.
   */
  packets(frame: Frame.Frame, shownAt: number = frame.capturedAt): Buffer {
    const ticks = toTicks(frame.capturedAt);
    const pes = pesPacket(frame.payload, toTicks(Math.max(shownAt, frame.capturedAt)), ticks);
    const tables = frame.keyframe ? 2 : 0;
    // The clock takes eight bytes of the first packet.
    const count = Math.ceil((pes.length + 8) / (PACKET_BYTES - 4));
    // Not from the shared pool: a reader that stalls must hold its frame alive, not its neighbours'.
    const packets = Buffer.allocUnsafeSlow((tables + count) * PACKET_BYTES);
    if (frame.keyframe) {
      this.#table(packets, 0, TABLES_PID, ASSOCIATION);
      this.#table(packets, PACKET_BYTES, PROGRAM_PID, PROGRAM_MAP);
    }
    let taken = 0;
    for (let n = 0; n < count; n++) {
      const packet = packets.subarray((tables + n) * PACKET_BYTES, (tables + n + 1) * PACKET_BYTES);
      const field = n === 0 ? clockField(frame.keyframe, ticks) : undefined;
      taken += this.#packet(packet, VIDEO_PID, pes.subarray(taken), { first: n === 0, field });
    }
    return packets;
  }

  #table(packets: Buffer, at: number, pid: number, table: Buffer): void {
    const packet = packets.subarray(at, at + PACKET_BYTES);
    // Section 2.4.4.1: the pointer says that the table begins at once; what is behind it is 0xff.
    const payload = Buffer.alloc(PACKET_BYTES - 4, 0xff);
    payload[0] = 0;
    table.copy(payload, 1);
    this.#packet(packet, pid, payload, { first: true, field: undefined });
  }

  // Section 2.4.3.2:
  // | 0x47 | error, first, priority, PID u13 | scrambling 00, field and payload 01 or 11, counter u4 | field | payload |
  /** Fill a packet; how much of `payload` went in. */
  #packet(
    packet: Buffer,
    pid: number,
    payload: Buffer,
    { first, field }: { readonly first: boolean; readonly field: Buffer | undefined },
  ): number {
    const counter = this.#counters.get(pid) ?? 0;
    this.#counters.set(pid, (counter + 1) % 16);
    const room = PACKET_BYTES - 4 - (field?.length ?? 0);
    const spare = Math.max(0, room - payload.length);
    const hasField = field !== undefined || spare > 0;
    packet[0] = 0x47;
    packet.writeUInt16BE((first ? 0x4000 : 0) | pid, 1);
    packet[3] = (hasField ? 0x30 : 0x10) | counter;
    if (hasField) stuff(packet.subarray(4), field, spare);
    return payload.copy(packet, PACKET_BYTES - room + spare);
  }
}

// Section 2.4.3.4, adaptation field:
// | length u8, without itself | discontinuity, random access, priority, PCR, ... u8 | PCR 6 | stuffing 0xff |
function clockField(keyframe: boolean, ticks: number): Buffer {
  const field = Buffer.alloc(8);
  field[0] = 7;
  field[1] = keyframe ? 0x50 : 0x10;
  // Section 2.4.3.5: 33 bits in ticks, 6 reserved bits of 1, 9 bits of finer time.
  const clock = (ticks - CLOCK_LAG + CLOCK_TURN) % CLOCK_TURN;
  field.writeUInt32BE(Math.floor(clock / 2), 2);
  field[6] = (clock % 2 === 1 ? 0x80 : 0) | 0x7e;
  return field;
}

/** Write `field` at the start of `target`, made longer by `spare` bytes; without one, a field of `spare` bytes in all. */
function stuff(target: Buffer, field: Buffer | undefined, spare: number): void {
  const length = (field?.length ?? 0) + spare;
  target.fill(0xff, 0, length);
  if (field !== undefined) field.copy(target);
  else if (length > 1) target[1] = 0;
  target[0] = length - 1;
}

// Section 2.4.3.6:
// | 00 00 01 | stream 0xe0 | length u16 | 10, aligned | which times | their bytes |
// | 0010 or, before another, 0011; time of showing u33 in 3, 15 and 15 bits, a 1 behind each | 0001, time of decoding, if it differs |
function pesPacket(frame: Uint8Array, shown: number, decoded: number): Buffer {
  const first = AnnexB.split(frame.subarray(0, 16))[0];
  const delimiter = first !== undefined && nalType(first) === NalType.DELIMITER ? Buffer.alloc(0) : DELIMITER;
  const times = shown === decoded ? 1 : 2;
  const headBytes = PES_HEAD_BYTES + times * TIME_BYTES;
  const pes = Buffer.allocUnsafe(headBytes + delimiter.length + frame.length);
  pes.writeUInt32BE(0x000001e0, 0);
  // Said where it can be said: a reader that knows the length need not wait for the next packet to see the end.
  const rest = pes.length - 6;
  pes.writeUInt16BE(rest <= MAX_PES_BYTES ? rest : 0, 4);
  pes[6] = 0x84;
  pes[7] = times === 1 ? 0x80 : 0xc0;
  pes[8] = times * TIME_BYTES;
  writeTime(pes, PES_HEAD_BYTES, times === 1 ? 0x21 : 0x31, shown);
  if (times === 2) writeTime(pes, PES_HEAD_BYTES + TIME_BYTES, 0x11, decoded);
  delimiter.copy(pes, headBytes);
  pes.set(frame, headBytes + delimiter.length);
  return pes;
}

function writeTime(pes: Buffer, at: number, mark: number, ticks: number): void {
  pes[at] = mark | (Math.floor(ticks / 2 ** 30) << 1);
  pes.writeUInt16BE(((Math.floor(ticks / 2 ** 15) % 2 ** 15) << 1) | 1, at + 1);
  pes.writeUInt16BE(((ticks % 2 ** 15) << 1) | 1, at + 3);
}

function toTicks(micros: number): number {
  return Math.round(micros * TICKS_PER_MICRO) % CLOCK_TURN;
}

function section(bytes: readonly number[]): Buffer {
  const table = Buffer.alloc(bytes.length + 4);
  table.set(bytes);
  table.writeUInt32BE(crc32(Buffer.from(bytes)), bytes.length);
  return table;
}
