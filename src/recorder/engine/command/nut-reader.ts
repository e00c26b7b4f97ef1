import { ByteCursor, ShortError } from "./byte-cursor.ts";
import { FILE_ID, FrameFlag, LONG_HEADER_BYTES, NOT_A_FRAME, START_CODES, VERSION } from "./nut-format.ts";
import type { NutPacket, NutStream } from "./nut-stream.ts";

/** The longest that is no frame, in bytes: parameters of a codec are in it. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** What the main header says of frames that begin with one byte. */
interface FrameCode {
  readonly flags: number;
  readonly ptsDelta: number;
  readonly sizeFactor: number;
  readonly sizeRest: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

/** A frame whose bytes are still coming. */
interface Open {
  readonly pts: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  filled: number;
}

/** Of what a {@link NutReader} hands over. */
export interface NutReaderOptions {
  /** Bytes of the largest packet that is taken. */
  readonly maxPacketBytes: number;
  /** Memory for the bytes of a packet. Default: new memory. */
  readonly allocate?: (byteLength: number) => Uint8Array;
  /** The stream is known, before its first packet. */
  readonly stream: (stream: NutStream) => void;
  /** A packet is there. */
  readonly packet: (packet: NutPacket) => void;
}

/** Reads a NUT file with one stream of video while it comes. */
export class NutReader {
  readonly #options: NutReaderOptions;
  #pending: Uint8Array = new Uint8Array(0);
  #begun = false;
  #version = VERSION;
  #tickMicros: readonly number[] = [];
  #codes: readonly FrameCode[] = [];
  #elided: readonly Uint8Array[] = [new Uint8Array(0)];
  #stream: NutStream | undefined;
  #ptsShift = 0;
  #pts = 0;
  #open: Open | undefined;

  constructor(options: NutReaderOptions) {
    this.#options = options;
  }

  /** More of the file. @throws Error if it is not such a file */
  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#pending.byteLength > 0) {
      bytes = Buffer.concat([this.#pending, chunk]);
      this.#pending = new Uint8Array(0);
    }
    const cursor = new ByteCursor(bytes);
    while (cursor.left > 0) {
      if (this.#open !== undefined) {
        this.#fill(this.#open, cursor);
        continue;
      }
      const { at } = cursor;
      try {
        this.#next(cursor);
      } catch (error) {
        if (!(error instanceof ShortError)) throw error;
        cursor.at = at;
        if (cursor.left > MAX_HEADER_BYTES) throw new Error("a header in it is too long", { cause: error });
        this.#pending = cursor.take(cursor.left).slice();
        return;
      }
    }
  }

  #next(cursor: ByteCursor): void {
    if (!this.#begun) {
      if (Buffer.compare(cursor.take(FILE_ID.byteLength), FILE_ID) !== 0) throw new Error("it is not NUT");
      this.#begun = true;
      return;
    }
    const first = cursor.u8();
    if (first === NOT_A_FRAME) {
      cursor.at--;
      this.#header(cursor);
    } else {
      this.#frame(cursor, first);
    }
  }

  #header(cursor: ByteCursor): void {
    const startCode = cursor.u64();
    const length = cursor.v();
    if (length > MAX_HEADER_BYTES) throw new Error("a header in it is too long");
    if (length > LONG_HEADER_BYTES) cursor.take(4);
    const body = new ByteCursor(cursor.take(length));
    if (startCode === START_CODES.main) this.#main(body, length);
    else if (startCode === START_CODES.stream) this.#streamHeader(body);
    else if (startCode === START_CODES.syncpoint) this.#syncpoint(body);
  }

  #main(body: ByteCursor, length: number): void {
    this.#version = body.v();
    if (this.#version > 3) body.v();
    if (body.v() !== 1) throw new Error("it has more than one stream");
    body.v();
    const bases = body.v();
    this.#tickMicros = Array.from({ length: bases }, () => (body.v() * 1_000_000) / body.v());
    this.#codes = frameCodes(body);
    const elided = [new Uint8Array(0)];
    // What follows has been added to the format later; the check is the last.
    if (length - body.at > 4) for (let left = body.v(); left > 0; left--) elided.push(body.vb().slice());
    this.#elided = elided;
  }

  #streamHeader(body: ByteCursor): void {
    body.v();
    if (body.v() !== 0) throw new Error("its stream is no video");
    const tag = body.vb().slice();
    const tickMicros = this.#tickMicros[body.v()];
    this.#ptsShift = body.v();
    body.v();
    const delay = body.v();
    body.v();
    const parameters = body.vb().slice();
    const [width, height] = [body.v(), body.v()];
    if (tickMicros === undefined) throw new Error("its stream has no clock");
    // Headers are repeated now and then.
    if (this.#stream !== undefined) return;
    this.#stream = { tag, width, height, delay, parameters, tickMicros };
    this.#options.stream(this.#stream);
  }

  #syncpoint(body: ByteCursor): void {
    // All clocks in one number: there is one stream, and so one clock.
    this.#pts = Math.floor(body.v() / this.#tickMicros.length);
  }

  #frame(cursor: ByteCursor, first: number): void {
    const code = this.#codes[first];
    if (code === undefined || this.#stream === undefined) throw new Error("a frame in it comes too early");
    let { flags, headerIndex, reserved } = code;
    if ((flags & FrameFlag.CODED) !== 0) flags ^= cursor.v();
    if ((flags & FrameFlag.INVALID) !== 0) throw new Error("a frame in it is damaged");
    if ((flags & FrameFlag.STREAM_ID) !== 0) cursor.v();
    const pts = (flags & FrameFlag.CODED_PTS) === 0 ? this.#pts + code.ptsDelta : this.#fullPts(cursor.v());
    const size = code.sizeRest + code.sizeFactor * ((flags & FrameFlag.SIZE_MSB) === 0 ? 0 : cursor.v());
    if ((flags & FrameFlag.MATCH_TIME) !== 0) cursor.s();
    if ((flags & FrameFlag.HEADER_INDEX) !== 0) headerIndex = cursor.v();
    if ((flags & FrameFlag.RESERVED) !== 0) reserved = cursor.v();
    for (; reserved > 0; reserved--) cursor.v();
    if ((flags & FrameFlag.CHECKSUM) !== 0) cursor.take(4);
    if (size > this.#options.maxPacketBytes) throw new Error(`a packet of ${size} bytes in it is too large`);
    this.#pts = pts;
    const begin = (size > LONG_HEADER_BYTES ? undefined : this.#elided[headerIndex]) ?? new Uint8Array(0);
    const bytes = this.#options.allocate?.(size) ?? new Uint8Array(size);
    bytes.set(begin);
    this.#open = { pts, flags, bytes, filled: begin.byteLength };
    this.#fill(this.#open, cursor);
  }

  // Only the low bits are written where they say enough: the time is the nearest to the one before that has them.
  #fullPts(coded: number): number {
    const range = 2 ** this.#ptsShift;
    if (coded >= range) return coded - range;
    const delta = this.#pts - range / 2 + 1;
    return ((((coded - delta) % range) + range) % range) + delta;
  }

  #fill(open: Open, cursor: ByteCursor): void {
    const count = Math.min(cursor.left, open.bytes.byteLength - open.filled);
    open.bytes.set(cursor.take(count), open.filled);
    open.filled += count;
    if (open.filled < open.bytes.byteLength) return;
    this.#open = undefined;
    let bytes = open.bytes;
    let newParameters: Uint8Array | undefined;
    if ((open.flags & FrameFlag.SIDE_DATA) !== 0) {
      const side = new ByteCursor(bytes);
      newParameters = sideData(side)?.slice();
      sideData(side);
      bytes = bytes.subarray(side.at);
    }
    const ptsMicros = open.pts * (this.#stream?.tickMicros ?? 1);
    this.#options.packet({
      ptsMicros,
      keyframe: (open.flags & FrameFlag.KEY) !== 0,
      bytes,
      newParameters,
    });
  }
}

function frameCodes(body: ByteCursor): FrameCode[] {
  const codes: FrameCode[] = [];
  let [ptsDelta, sizeFactor, headerIndex] = [0, 1, 0];
  while (codes.length < 256) {
    const flags = body.v();
    const fields = body.v();
    if (fields > 0) ptsDelta = body.s();
    if (fields > 1) sizeFactor = body.v();
    if (fields > 2) body.v();
    const sizeRest = fields > 3 ? body.v() : 0;
    const reserved = fields > 4 ? body.v() : 0;
    const count = fields > 5 ? body.v() : sizeFactor - sizeRest;
    if (fields > 6) body.s();
    if (fields > 7) headerIndex = body.v();
    for (let more = fields; more > 8; more--) body.v();
    if (count <= 0 || codes.length + count > 256) throw new Error("its frame codes are wrong");
    for (let nth = 0; nth < count; ) {
      const common = { ptsDelta, sizeFactor, sizeRest: sizeRest + nth, reserved, headerIndex };
      const invalid = codes.length === NOT_A_FRAME;
      codes.push({ ...common, flags: invalid ? FrameFlag.INVALID : flags });
      if (!invalid) nth++;
    }
  }
  return codes;
}

/** Passes over what is said of a packet in front of it; new parameters of its codec are among that. */
function sideData(cursor: ByteCursor): Uint8Array | undefined {
  let parameters: Uint8Array | undefined;
  for (let left = cursor.v(); left > 0; left--) {
    const name = Buffer.from(cursor.vb()).toString("latin1");
    const value = cursor.s();
    if (value === -1) cursor.vb();
    else if (value === -2) {
      cursor.vb();
      const bytes = cursor.vb();
      if (name === "Extradata") parameters = bytes;
    } else if (value === -3 || value < -4) cursor.s();
    else if (value === -4) cursor.v();
  }
  return parameters;
}
