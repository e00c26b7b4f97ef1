/**
 * What the recorder must know of JPEG: whether a picture is whole, and how to complete one whose camera leaves the
 * Huffman tables out (as Motion JPEG allows, and browsers do not).
 * @module
 */
import type { Size } from "../codec/index.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;

/** What the segments in front of the picture data say. */
interface Header {
  /** Where the first scan starts. */
  readonly scanAt: number;
  readonly hasTables: boolean;
  readonly size: Size | undefined;
}

// Walks the segments from the start to the first scan: FF marker, length u16 (of itself and the content).
function header(bytes: Uint8Array): Header | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  let hasTables = false;
  let size: Size | undefined;
  let at = 2;
  while (at + 4 <= bytes.byteLength) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    // Any number of FF may stand in front of a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === SOS) return { scanAt: at, hasTables, size };
    if (marker === EOI || marker === SOI || marker === 0) return undefined;
    if (marker === DHT) hasTables = true;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC) {
      size = { height: u16(bytes, at + 5), width: u16(bytes, at + 7) };
    }
    const length = u16(bytes, at + 2);
    if (length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

// Drivers may hand out the whole buffer: zeros behind the end belong to nobody.
function endsWithEoi(bytes: Uint8Array): boolean {
  let end = bytes.byteLength;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end >= 4 && bytes[end - 1] === EOI && bytes[end - 2] === 0xff;
}

/** Whether `bytes` are a picture from its start to its end. The picture data itself is not looked at. */
export function isWhole(bytes: Uint8Array): boolean {
  if (!endsWithEoi(bytes)) return false;
  const found = header(bytes);
  return found?.size !== undefined;
}

/** How large the picture is; `undefined` if its header cannot be read. */
export function size(bytes: Uint8Array): Size | undefined {
  return header(bytes)?.size;
}

/**
 * `bytes` as a picture that every decoder takes: untouched if it is one, with the standard Huffman tables put in if it
 * has none; `undefined` if its start or its end is missing.
 */
export function complete(bytes: Uint8Array): Uint8Array | undefined {
  if (!endsWithEoi(bytes)) return undefined;
  const found = header(bytes);
  if (found?.size === undefined) return undefined;
  if (found.hasTables) return bytes;
  const whole = new Uint8Array(bytes.byteLength + STANDARD_TABLES.byteLength);
  whole.set(bytes.subarray(0, found.scanAt));
  whole.set(STANDARD_TABLES, found.scanAt);
  whole.set(bytes.subarray(found.scanAt), found.scanAt + STANDARD_TABLES.byteLength);
  return whole;
}

/** The DHT segment with the tables of ITU-T T.81, Annex K.3: what a picture without tables is coded with. */
export const STANDARD_TABLES: Uint8Array = Uint8Array.from(
  [
    "ffc4 01a2",
    // K.3: luminance, DC
    "00 00010501010101010100000000000000 000102030405060708090a0b",
    // K.5: luminance, AC
    "10 0002010303020403050504040000017d",
    "01020300041105122131410613516107 227114328191a1082342b1c11552d1f0",
    "2433627282090a161718191a25262728 292a3435363738393a434445464748494a",
    "535455565758595a636465666768696a 737475767778797a838485868788898a",
    "92939495969798999aa2a3a4a5a6a7a8 a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6",
    "c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3 e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
    // K.4: chrominance, DC
    "01 00030101010101010101010000000000 000102030405060708090a0b",
    // K.6: chrominance, AC
    "11 00020102040403040705040400010277",
    "00010203110405213106124151076171 1322328108144291a1b1c109233352f0",
    "156272d10a162434e125f11718191a26 2728292a35363738393a434445464748",
    "494a535455565758595a636465666768 696a737475767778797a828384858687",
    "88898a92939495969798999aa2a3a4a5 a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3",
    "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da e2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
  ]
    .join("")
    .replaceAll(" ", "")
    .match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
);
