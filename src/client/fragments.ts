/**
 * Fragmented MP4 (ISO/IEC 14496-12 and -15) of H.264, one fragment per frame, so that a frame is played when it comes.
 * mediabunny, which muxes all else, begins a fragment at keyframes only: that would be seconds of delay.
 * @module
 */
import { decoderConfiguration, parameterSets, toSample } from "../codec/index.ts";

/** Units of time in a second: the wire's own, so that nothing is rounded. */
export const TIMESCALE = 1_000_000;

/** One frame on the timeline of a `<video>`. */
export interface Sample {
  /** Annex B. */
  readonly payload: Uint8Array;
  readonly keyframe: boolean;
  readonly discardable: boolean;
  /** In units of {@link TIMESCALE}. */
  readonly time: number;
  /** In units of {@link TIMESCALE}. */
  readonly duration: number;
}

const TRACK_ID = 1;
const U32_MAX = 0xffff_ffff;

/** Sample flags: decodes alone; needs others; needs others, and none needs it. */
const FLAGS_KEYFRAME = 0x0200_0000;
const FLAGS_DELTA = 0x0101_0000;
const FLAGS_DISCARDABLE = 0x0181_0000;

const UNITY_MATRIX = [u32(0x1_0000), zeros(12), u32(0x1_0000), zeros(12), u32(0x4000_0000)];

/**
 * The head of the stream that begins with this keyframe, and its codec; `undefined` if it has no parameter sets. It states no
 * duration: that makes it a live stream, of which a browser plays a frame as soon as it has it.
 */
export function initSegment(keyframe: Uint8Array): { bytes: Uint8Array; codec: string } | undefined {
  const sets = parameterSets(keyframe);
  if (sets === undefined) return undefined;
  const { codec, width, height } = sets.picture;
  const avcC = box("avcC", decoderConfiguration(sets));
  const resolution = [u32(0x48_0000), u32(0x48_0000)];
  const entry = box(
    "avc1",
    zeros(6),
    u16(1),
    zeros(16),
    u16(width),
    u16(height),
    ...resolution,
    zeros(4),
    u16(1),
    zeros(32),
    u16(0x18),
    u16(0xffff),
    avcC,
  );
  const table = box(
    "stbl",
    full("stsd", 0, 0, u32(1), entry),
    full("stts", 0, 0, u32(0)),
    full("stsc", 0, 0, u32(0)),
    full("stsz", 0, 0, u32(0), u32(0)),
    full("stco", 0, 0, u32(0)),
  );
  const information = box(
    "minf",
    full("vmhd", 0, 1, zeros(8)),
    box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1))),
    table,
  );
  const media = box(
    "mdia",
    full("mdhd", 0, 0, zeros(8), u32(TIMESCALE), zeros(4), u16(0x55c4), zeros(2)),
    full("hdlr", 0, 0, zeros(4), text("vide"), zeros(12), text("\0")),
    information,
  );
  const header = full(
    "tkhd",
    0,
    3,
    zeros(8),
    u32(TRACK_ID),
    zeros(20),
    zeros(4),
    ...UNITY_MATRIX,
    u32(width * 0x1_0000),
    u32(height * 0x1_0000),
  );
  const movie = box(
    "moov",
    full(
      "mvhd",
      0,
      0,
      zeros(8),
      u32(TIMESCALE),
      zeros(4),
      u32(0x1_0000),
      u16(0x100),
      zeros(10),
      ...UNITY_MATRIX,
      zeros(24),
      u32(TRACK_ID + 1),
    ),
    box("trak", header, media),
    box("mvex", full("trex", 0, 0, u32(TRACK_ID), u32(1), zeros(12))),
  );
  const type = box("ftyp", text("iso5"), u32(1), text("iso5iso6avc1mp41"));
  return { bytes: join(type, movie), codec };
}

/** One frame as a fragment, the `number`th of its stream. */
export function fragment(number: number, sample: Sample): Uint8Array {
  const data = toSample(sample.payload);
  const flags = sample.keyframe ? FLAGS_KEYFRAME : sample.discardable ? FLAGS_DISCARDABLE : FLAGS_DELTA;
  const moof = (offset: number): Uint8Array =>
    box(
      "moof",
      full("mfhd", 0, 0, u32(number)),
      box(
        "traf",
        // Offsets count from the beginning of this fragment.
        full("tfhd", 0, 0x02_0000, u32(TRACK_ID)),
        full("tfdt", 1, 0, u64(sample.time)),
        full("trun", 0, 0x701, u32(1), u32(offset), u32(sample.duration), u32(data.byteLength), u32(flags)),
      ),
    );
  const { byteLength } = moof(0);
  return join(moof(byteLength + 8), box("mdat", data));
}

function full(type: string, version: number, flags: number, ...parts: Uint8Array[]): Uint8Array {
  return box(type, u32(version * 0x100_0000 + flags), ...parts);
}

function box(type: string, ...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 8);
  return join(u32(size), text(type), ...parts);
}

function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}

function text(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}

function u16(value: number): Uint8Array {
  return bytes(value >>> 8, value);
}

function u32(value: number): Uint8Array {
  return bytes(value >>> 24, value >>> 16, value >>> 8, value);
}

function u64(value: number): Uint8Array {
  return join(u32(Math.floor(value / (U32_MAX + 1))), u32(value % (U32_MAX + 1)));
}
