import { type Micros, micros } from "../protocol/index.ts";

/** What a stamped picture says of itself. */
export interface Stamp {
  readonly sequence: number;
  readonly capturedAt: Micros;
}

const COMMENT = 0xfe;
const START_OF_SCAN = 0xda;
const MAGIC = "hello lab";
const STAMP_BYTES = MAGIC.length + 12;

/** Longest comment segment: its length has two bytes and counts itself. */
const MAX_COMMENT_BYTES = 65_533;

// | ff d8 | ff fe, length u16, "hello lab", sequence u32, capturedAt u64 µs | the rest of the JPEG |   big-endian

/**
 * The picture with room for a stamp, and with comments up to exactly `bytes` if it has fewer: pictures of one size make a
 * link's arithmetic plain.
 */
export function stampable(jpeg: Uint8Array, bytes: number): Uint8Array {
  const parts = [Buffer.of(0xff, 0xd8), comment(STAMP_BYTES)];
  let missing = bytes - jpeg.byteLength - STAMP_BYTES - 4;
  while (missing > 4) {
    const body = Math.min(missing - 4, MAX_COMMENT_BYTES);
    parts.push(comment(body));
    missing -= body + 4;
  }
  return Buffer.concat([...parts, jpeg.subarray(2)]);
}

/** Write a stamp into what {@link stampable} made. */
export function writeStamp(jpeg: Uint8Array, { sequence, capturedAt }: Stamp): void {
  const target = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  target.write(MAGIC, 6, "latin1");
  target.writeUInt32BE(sequence, 6 + MAGIC.length);
  target.writeBigUInt64BE(BigInt(capturedAt), 6 + MAGIC.length + 4);
}

/** The stamp of a picture, wherever a program has put the comment; `undefined` if it was encoded anew. */
export function readStamp(jpeg: Uint8Array): Stamp | undefined {
  const source = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  for (let at = 2; at + 4 <= source.length && source[at] === 0xff; ) {
    const marker = source[at + 1];
    if (marker === START_OF_SCAN) return undefined;
    const bodyBytes = source.readUInt16BE(at + 2) - 2;
    const body = at + 4;
    const isStamp = marker === COMMENT && source.toString("latin1", body, body + MAGIC.length) === MAGIC;
    if (isStamp && bodyBytes === STAMP_BYTES && body + bodyBytes <= source.length) {
      return {
        sequence: source.readUInt32BE(body + MAGIC.length),
        capturedAt: micros(Number(source.readBigUInt64BE(body + MAGIC.length + 4))),
      };
    }
    at = body + bodyBytes;
  }
  return undefined;
}

function comment(bodyBytes: number): Buffer {
  const segment = Buffer.alloc(4 + bodyBytes);
  segment.writeUInt16BE(0xff00 | COMMENT, 0);
  segment.writeUInt16BE(bodyBytes + 2, 2);
  return segment;
}
