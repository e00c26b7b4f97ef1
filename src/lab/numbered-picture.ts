/**
 * A JPEG of the test picture that can show any number in its strip (see `recorder/counter-strip.ts`), without an encoder: the strip
 * is the last row of blocks, each of its blocks is black or white all over, and such a block is a few bits long. So the camera
 * shows the same pictures again and again, and no number twice.
 * @module
 */

import { bitLength, JpegScanWriter } from "../codec/jpeg-scan-writer.ts";

const STRIP_BITS = 32;
const BLOCK = 8;
/** DC of a block, before it is quantized: eight times the brightness that differs from the middle. */
const BLACK_DC = -128 * 8;
const WHITE_DC = 127 * 8;
const END_OF_BLOCK = 0x00;
const ZEROS = 0xf0;

const HUFFMAN_TABLES = 0xc4;
const QUANTIZATION_TABLES = 0xdb;
const BASELINE = 0xc0;
const RESTART_INTERVAL = 0xdd;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = Buffer.of(0xff, 0xd9);

/** One of the planes: brightness is the first. */
interface Component {
  /** Blocks in a unit, across and down. */
  readonly across: number;
  readonly down: number;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/** What stands in front of the blocks. */
interface Headers {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  /** By which the brightness of a whole block is divided. */
  readonly dcStep: number;
  /** Where the blocks begin, in bytes. */
  readonly end: number;
}

/** One picture, with the number to come. */
export class NumberedPicture {
  readonly #components: readonly Component[];
  readonly #dcOf: readonly [black: number, white: number];
  readonly #unitsAcross: number;
  /** The file up to the last whole byte in front of the strip. */
  readonly #front: Uint8Array;
  /** The bits between that and the strip. */
  readonly #rest: { readonly value: number; readonly bits: number };
  /** DC of the last block in front of the strip, of each component: blocks tell how they differ. */
  readonly #predictions: readonly number[];

  /** `jpeg`: baseline, 256 pixels wide or a multiple of it, its strip one row of units high. Throws a `RangeError` for any other. */
  constructor(jpeg: Uint8Array) {
    const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
    const { width, height, components, dcStep, end } = readHeaders(file);
    const unitWidth = BLOCK * Math.max(...components.map(({ across }) => across));
    const unitHeight = BLOCK * Math.max(...components.map(({ down }) => down));
    if (width % (STRIP_BITS * BLOCK) !== 0 || height % unitHeight !== 0) {
      throw new RangeError(`a picture of ${width}x${height} has no strip of whole blocks`);
    }
    this.#components = components;
    this.#dcOf = [Math.round(BLACK_DC / dcStep), Math.round(WHITE_DC / dcStep)];
    this.#unitsAcross = width / unitWidth;
    const fileEnd = file.lastIndexOf(END_OF_IMAGE);
    if (fileEnd < end) throw new RangeError("a JPEG without an end");
    const blocks = unstuffed(file.subarray(end, fileEnd));
    const reader = new BitReader(blocks);
    const predictions = components.map(() => 0);
    for (let unit = 0; unit < this.#unitsAcross * (height / unitHeight - 1); unit++) {
      for (const [i, component] of components.entries()) {
        for (let block = 0; block < component.across * component.down; block++) {
          predictions[i] = (predictions[i] ?? 0) + skipBlock(reader, component);
        }
      }
    }
    const wholeBytes = reader.at >> 3;
    const bits = reader.at & 7;
    const front = new JpegScanWriter();
    for (const byte of blocks.subarray(0, wholeBytes)) front.bits(byte, 8);
    this.#front = Buffer.concat([file.subarray(0, end), front.end()]);
    this.#rest = { value: (blocks[wholeBytes] ?? 0) >> (8 - bits), bits };
    this.#predictions = predictions;
  }

  /** A JPEG of its own with `number`, of 32 bits, in the strip. All numbers make about the same bytes, and not quite as many. */
  showing(number: number): Uint8Array {
    const scan = new JpegScanWriter();
    scan.bits(this.#rest.value, this.#rest.bits);
    const predictions = [...this.#predictions];
    const blocksPerBit = (this.#unitsAcross * (this.#components[0]?.across ?? 1)) / STRIP_BITS;
    for (let unit = 0; unit < this.#unitsAcross; unit++) {
      for (const [i, { across, down, dc, ac }] of this.#components.entries()) {
        for (let block = 0; block < across * down; block++) {
          const bit = Math.floor((unit * across + (block % across)) / blocksPerBit);
          // The strip has no colour.
          const value = i === 0 ? this.#dcOf[((number >>> (STRIP_BITS - 1 - bit)) & 1) as 0 | 1] : 0;
          const difference = value - (predictions[i] ?? 0);
          writeSymbol(scan, dc, bitLength(difference));
          scan.number(difference);
          writeSymbol(scan, ac, END_OF_BLOCK);
          predictions[i] = value;
        }
      }
    }
    return Buffer.concat([this.#front, scan.end(), END_OF_IMAGE]);
  }
}

/** Symbols and their codes. */
class HuffmanTable {
  /** By the next 16 bits: the symbol, times 32, plus the length of its code; 0 where there is none. */
  readonly bySixteenBits: Uint16Array = new Uint16Array(65_536);
  readonly #codes = new Map<number, { readonly code: number; readonly bits: number }>();

  /** `counts`: how many codes there are of each length from 1 to 16 bits. `symbols`: theirs, in order. */
  constructor(counts: Uint8Array, symbols: Uint8Array) {
    let code = 0;
    let at = 0;
    for (let bits = 1; bits <= 16; bits++) {
      for (let i = 0; i < (counts[bits - 1] ?? 0); i++) {
        const symbol = symbols[at++] ?? 0;
        this.#codes.set(symbol, { code, bits });
        this.bySixteenBits.fill(symbol * 32 + bits, code << (16 - bits), (code + 1) << (16 - bits));
        code++;
      }
      code <<= 1;
    }
  }

  /** Throws a `RangeError` if the picture's encoder had no need for it. */
  codeOf(symbol: number): { readonly code: number; readonly bits: number } {
    const found = this.#codes.get(symbol);
    if (found === undefined) throw new RangeError(`the picture has no code for ${symbol}`);
    return found;
  }
}

class BitReader {
  /** Bits read. */
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readSymbol({ bySixteenBits }: HuffmanTable): number {
    const entry = bySixteenBits[this.#sixteenBits()] ?? 0;
    if (entry === 0) throw new RangeError("the blocks of the picture cannot be read");
    this.at += entry & 31;
    return entry >> 5;
  }

  /** A number of `bits` bits as JPEG writes it: the lower half of what they can say is negative. */
  readSigned(bits: number): number {
    const value = this.#sixteenBits() >> (16 - bits);
    this.at += bits;
    return bits > 0 && value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  #sixteenBits(): number {
    const byte = this.at >> 3;
    const [a = 0, b = 0, c = 0] = [this.#bytes[byte], this.#bytes[byte + 1], this.#bytes[byte + 2]];
    return (((a << 16) | (b << 8) | c) >> (8 - (this.at & 7))) & 0xffff;
  }
}

function writeSymbol(scan: JpegScanWriter, table: HuffmanTable, symbol: number): void {
  const { code, bits } = table.codeOf(symbol);
  scan.bits(code, bits);
}

// How its DC differs from that of the block before.
function skipBlock(reader: BitReader, { dc, ac }: Component): number {
  const difference = reader.readSigned(reader.readSymbol(dc));
  for (let coefficient = 1; coefficient < BLOCK * BLOCK; ) {
    const symbol = reader.readSymbol(ac);
    if (symbol === END_OF_BLOCK) break;
    reader.at += symbol & 15;
    coefficient += symbol === ZEROS ? 16 : (symbol >> 4) + 1;
  }
  return difference;
}

function readHeaders(file: Buffer): Headers {
  const tables = new Map<number, HuffmanTable>();
  const dcSteps: number[] = [];
  let frame: Buffer | undefined;
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff; ) {
    const marker = file[at + 1];
    const end = at + 2 + file.readUInt16BE(at + 2);
    const body = file.subarray(at + 4, end);
    if (marker === HUFFMAN_TABLES) readTables(body, tables);
    if (marker === QUANTIZATION_TABLES)
      for (let i = 0; i < body.length; i += 65) dcSteps[body[i] ?? 0] = body[i + 1] ?? 0;
    if (marker === BASELINE) frame = body;
    // Blocks that begin anew within the picture.
    if (marker === RESTART_INTERVAL) break;
    if (marker === START_OF_SCAN && frame !== undefined) {
      const [height, width] = [frame.readUInt16BE(1), frame.readUInt16BE(3)];
      const components: Component[] = [];
      for (let i = 0; i < (frame[5] ?? 0); i++) components.push(componentOf(frame, body, i, tables));
      return { width, height, components, dcStep: dcSteps[frame[8] ?? 0] ?? 1, end };
    }
    at = end;
  }
  throw new RangeError("not a baseline JPEG in one piece");
}

function readTables(body: Buffer, tables: Map<number, HuffmanTable>): void {
  for (let at = 0; at < body.length; ) {
    const counts = body.subarray(at + 1, at + 17);
    const symbols = body.subarray(at + 17, at + 17 + counts.reduce((sum, count) => sum + count, 0));
    tables.set(body[at] ?? 0, new HuffmanTable(counts, symbols));
    at += 17 + symbols.length;
  }
}

function componentOf(
  frame: Buffer,
  scan: Buffer,
  i: number,
  tables: ReadonlyMap<number, HuffmanTable>,
): Component {
  const sampling = frame[7 + 3 * i] ?? 0;
  const chosen = scan[2 + 2 * i] ?? 0;
  const [dc, ac] = [tables.get(chosen >> 4), tables.get(0x10 | (chosen & 15))];
  if (dc === undefined || ac === undefined) throw new RangeError("a JPEG without its Huffman tables");
  return { across: sampling >> 4, down: sampling & 15, dc, ac };
}

// Behind ff stands 00 in a file, lest it be taken for a marker.
function unstuffed(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0 || bytes[i - 1] !== 0xff) plain[length++] = bytes[i] ?? 0;
  }
  return plain.subarray(0, length);
}
