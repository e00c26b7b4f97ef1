/** Real JPEG files of an exact size, made of noise: what a camera's picture costs to carry, without a camera. */

/** Bits of one coefficient that is not zero: a code of 4 and 3 of value. */
const COEFFICIENT_BITS = 7;
/** A block without coefficients: the DC difference and the end of the block. */
const EMPTY_BLOCK_BITS = 11;
const MAX_COMMENT_BYTES = 65_535;

/** A grey baseline JPEG of exactly `bytes` bytes: decodable noise, filled up with comment segments. */
export function noiseJpeg(width: number, height: number, bytes: number): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const most = Math.floor((bytes * 8) / blocks - EMPTY_BLOCK_BITS) / COEFFICIENT_BITS;
  for (let coefficients = Math.min(62, Math.floor(most)); coefficients >= 0; coefficients--) {
    const tables = header(width, height);
    const data = [START_OF_SCAN, scan(blocks, coefficients), Buffer.of(0xff, 0xd9)];
    const fill = bytes - 2 - [tables, ...data].reduce((sum, part) => sum + part.length, 0);
    // The shortest segment is its marker and its length. Some programs look for the tables in the first two kilobytes only.
    if (fill >= 4) return Buffer.concat([Buffer.of(0xff, 0xd8), tables, ...comments(fill), ...data]);
  }
  throw new RangeError(`${width}x${height} does not fit in ${bytes} bytes`);
}

function segment(marker: number, body: Uint8Array): Buffer {
  const length = body.length + 2;
  return Buffer.concat([Buffer.of(0xff, marker, length >> 8, length & 0xff), body]);
}

function comments(bytes: number): Buffer[] {
  const segments: Buffer[] = [];
  for (let rest = bytes; rest > 0; ) {
    let size = Math.min(rest, MAX_COMMENT_BYTES + 2);
    // What stays for the next segment is nothing, or enough for one.
    if (rest - size > 0 && rest - size < 4) size -= 4;
    segments.push(segment(0xfe, Buffer.alloc(size - 4, "noise ")));
    rest -= size;
  }
  return segments;
}

/**
 * Tables and headers of one grey component. Both Huffman tables give every symbol a code of 4 bits, its place
 * in the list: DC sizes 0 to 3; AC end of block and a coefficient of 3 bits.
 */
function header(width: number, height: number): Buffer {
  const quantization = segment(0xdb, Buffer.concat([Buffer.of(0), Buffer.alloc(64, 12)]));
  const frame = segment(
    0xc0,
    Buffer.of(8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0),
  );
  const codes = (count: number) => [0, 0, 0, count, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const dc = segment(0xc4, Buffer.of(0x00, ...codes(4), 0, 1, 2, 3));
  const ac = segment(0xc4, Buffer.of(0x10, ...codes(2), 0x00, 0x03));
  return Buffer.concat([quantization, frame, dc, ac]);
}

const START_OF_SCAN = segment(0xda, Buffer.of(1, 1, 0x00, 0, 63, 0));

/** The entropy-coded blocks, each with this many coefficients of noise. */
function scan(blocks: number, coefficients: number): Buffer {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  const write = (value: number, width: number) => {
    held = (held << width) | value;
    bits += width;
    while (bits >= 8) {
      const byte = (held >> (bits - 8)) & 0xff;
      bytes.push(byte);
      // A 0xff in the data is told from a marker by the zero behind it.
      if (byte === 0xff) bytes.push(0);
      bits -= 8;
    }
    held &= (1 << bits) - 1;
  };

  let random = 1;
  const noise = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random >>> 29;
  };
  let brightness = 0;
  for (let block = 0; block < blocks; block++) {
    const difference = noise() - 4 - brightness;
    brightness += difference;
    const size = 32 - Math.clz32(Math.abs(difference));
    write(size, 4);
    write(difference < 0 ? difference + (1 << size) - 1 : difference, size);
    for (let i = 0; i < coefficients; i++) {
      write(1, 4);
      write(noise(), 3);
    }
    write(0, 4);
  }
  if (bits > 0) write((1 << (8 - bits)) - 1, 8 - bits);
  return Buffer.from(bytes);
}
