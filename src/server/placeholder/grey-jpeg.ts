/**
 * A JPEG encoder of a page: grey, baseline, one quality. It is for drawn pictures that are made seldom; its files are larger
 * than need be, because every Huffman code has the same length.
 */

import { bitLength, JpegScanWriter } from "../../codec/index.ts";

const BLOCK = 8;
const SAMPLES = BLOCK * BLOCK;

/** What every coefficient is divided by: fine enough for sharp letters. */
const QUANTUM = 8;

/** Bits of each Huffman code: of the 12 sizes of a difference, and of the 162 pairs of a run and a size. */
const DC_BITS = 4;
const AC_BITS = 8;

// ITU-T T.81, figure A.6: where the coefficients of a block stand in the file.
const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
];

const END_OF_BLOCK = 0x00;
/** 16 of them. */
const ZEROS = 0xf0;

// Besides, every run of 0 to 15 zeros with a size of 1 to 10.
const AC_SYMBOLS = [
  END_OF_BLOCK,
  ZEROS,
  ...Array.from({ length: 160 }, (_, index) => (Math.floor(index / 10) << 4) | ((index % 10) + 1)),
];
const AC_CODES = new Map(AC_SYMBOLS.map((symbol, code) => [symbol, code]));

const COSINES = Float64Array.from({ length: SAMPLES }, (_, index) => {
  const [frequency, place] = [Math.floor(index / BLOCK), index % BLOCK];
  const scale = frequency === 0 ? Math.SQRT1_2 / 2 : 1 / 2;
  return scale * Math.cos(((2 * place + 1) * frequency * Math.PI) / (2 * BLOCK));
});

/** Where {@link transform} works; it never waits in between. */
const LINE = new Float64Array(BLOCK);

/** A picture in shades of grey, 0 to 255, row by row. */
export interface GreyPicture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly shades: Uint8Array;
}

/** `picture` as a JPEG file. */
export function encodeGreyJpeg(picture: GreyPicture): Uint8Array {
  const scan = new JpegScanWriter();
  const block = new Float64Array(SAMPLES);
  let last = 0;
  for (let y = 0; y < picture.height; y += BLOCK) {
    for (let x = 0; x < picture.width; x += BLOCK) {
      const flat = cut(picture, x, y, block);
      // Most of a drawn picture is ground, and of that only its shade is to be told.
      if (!flat) transform(block);
      const dc = Math.round((flat ? BLOCK * (block[0] ?? 0) : (block[0] ?? 0)) / QUANTUM);
      scan.bits(bitLength(dc - last), DC_BITS);
      scan.number(dc - last);
      last = dc;
      if (flat) writeAcCode(scan, END_OF_BLOCK);
      else writeAc(scan, block);
    }
  }
  return Buffer.concat([head(picture), scan.end(), Buffer.from([0xff, 0xd9])]);
}

/** Copy a block, its edge repeated where the picture ends; whether all of it is one shade. */
function cut(
  { width, height, shades }: GreyPicture,
  left: number,
  top: number,
  block: Float64Array,
): boolean {
  const first = shades[top * width + left] ?? 0;
  let flat = true;
  for (let y = 0; y < BLOCK; y++) {
    const row = Math.min(height - 1, top + y) * width;
    for (let x = 0; x < BLOCK; x++) {
      const shade = shades[row + Math.min(width - 1, left + x)] ?? 0;
      block[y * BLOCK + x] = shade - 128;
      if (shade !== first) flat = false;
    }
  }
  return flat;
}

/** The cosine transform in place: rows, then columns. */
function transform(block: Float64Array): void {
  const line = LINE;
  for (const [step, stride] of [
    [BLOCK, 1],
    [1, BLOCK],
  ] as const) {
    for (let start = 0; start < BLOCK; start++) {
      for (let frequency = 0; frequency < BLOCK; frequency++) {
        let sum = 0;
        for (let place = 0; place < BLOCK; place++) {
          sum += (block[start * step + place * stride] ?? 0) * (COSINES[frequency * BLOCK + place] ?? 0);
        }
        line[frequency] = sum;
      }
      for (let place = 0; place < BLOCK; place++) block[start * step + place * stride] = line[place] ?? 0;
    }
  }
}

function writeAc(scan: JpegScanWriter, block: Float64Array): void {
  let run = 0;
  for (let index = 1; index < SAMPLES; index++) {
    const place = ZIGZAG[index] ?? 0;
    const value = Math.round((block[place] ?? 0) / QUANTUM);
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) writeAcCode(scan, ZEROS);
    writeAcCode(scan, (run << 4) | bitLength(value));
    scan.number(value);
    run = 0;
  }
  if (run > 0) writeAcCode(scan, END_OF_BLOCK);
}

function writeAcCode(scan: JpegScanWriter, symbol: number): void {
  scan.bits(AC_CODES.get(symbol) ?? 0, AC_BITS);
}

function head({ width, height }: GreyPicture): Uint8Array {
  const word = (value: number): number[] => [value >> 8, value & 0xff];
  const segment = (marker: number, body: readonly number[]): number[] => [
    0xff,
    marker,
    ...word(body.length + 2),
    ...body,
  ];
  // How many codes there are of each length, 1 to 16 bits, then what they mean.
  const lengths = (bits: number, count: number): number[] =>
    Array.from({ length: 16 }, (_, index) => (index + 1 === bits ? count : 0));
  const sizes = Array.from({ length: 12 }, (_, size) => size);
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xe0, [...Buffer.from("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [0, ...Array<number>(SAMPLES).fill(QUANTUM)]),
    ...segment(0xc0, [8, ...word(height), ...word(width), 1, 1, 0x11, 0]),
    ...segment(0xc4, [0x00, ...lengths(DC_BITS, sizes.length), ...sizes]),
    ...segment(0xc4, [0x10, ...lengths(AC_BITS, AC_SYMBOLS.length), ...AC_SYMBOLS]),
    ...segment(0xda, [1, 1, 0x00, 0, 63, 0]),
  ]);
}
