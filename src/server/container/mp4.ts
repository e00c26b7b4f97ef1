/**
 * Fragmented MP4 with one H.264 track (ISO/IEC 14496-12 and -15), one fragment for each frame, as soon as there is the
 * frame. Its data is the same for every reader and made once; the 104 bytes in front of it are the reader's own, for each
 * reader's time begins at 0. (Capture times for all, and an edit list for each, would share those bytes as well: but then
 * Chromium takes the stream for one of half a century.)
 *
 * mediabunny, which the client uses, begins a fragment at keyframes only: it would hold a whole GOP back.
 * @module
 */
import { decoderConfiguration, type ParameterSets, toSample } from "../../codec/index.ts";
import type { Frame } from "../../protocol/index.ts";
import { box, fullBox, u16, u32, u64 } from "./box.ts";

/** Ticks per second: µs, as capture times. */
const TIMESCALE = 1_000_000;

/** How long a frame is shown where the camera does not tell its rate, per second. The next fragment's time corrects it. */
const COMMON_RATE = 30;

const TRACK_ID = 1;

/** The unity matrix (section 6.2.2). */
const UNITY: Buffer = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

//  ftyp
//  moov ─ mvhd
//       ├ trak ─ tkhd
//       │      └ mdia ─ mdhd
//       │             ├ hdlr
//       │             └ minf ─ vmhd
//       │                    ├ dinf ─ dref ─ url
//       │                    └ stbl ─ stsd ─ avc1 ─ avcC
//       │                           └ stts, stsc, stsz, stco      all empty: frames are in fragments
//       └ mvex ─ trex                  how long a frame is shown

/**
 * The head of a stream: all that a decoder must know before the first fragment. `rate`: frames per second that the camera
 * promises.
 */
export function mp4Head(sets: ParameterSets, rate: number | undefined): Buffer {
  const { width, height } = sets.picture;
  return Buffer.concat([
    // Section 4.3. `iso6`: the flag default-base-is-moof, and tfdt, are understood.
    box("ftyp", Buffer.from("iso6"), u32(0), Buffer.from("iso6avc1mp41")),
    box(
      "moov",
      // Section 8.2.2: times, timescale, duration (none yet), rate 1.0, volume 1.0, reserved, matrix, next track.
      fullBox(
        "mvhd",
        0,
        0,
        u32(0, 0, TIMESCALE, 0, 0x10000),
        u16(0x100, 0),
        u32(0, 0),
        UNITY,
        ...nextTrack(),
      ),
      box(
        "trak",
        // Section 8.3.2: enabled and in the movie; layer, group, volume: 0; size as 16.16.
        fullBox(
          "tkhd",
          0,
          3,
          u32(0, 0, TRACK_ID, 0, 0, 0, 0),
          u16(0, 0, 0, 0),
          UNITY,
          u16(width, 0, height, 0),
        ),
        box(
          "mdia",
          // Section 8.4.2: times, timescale, duration, language "und".
          fullBox("mdhd", 0, 0, u32(0, 0, TIMESCALE, 0), u16(0x55c4, 0)),
          // Section 8.4.3.
          fullBox("hdlr", 0, 0, u32(0), Buffer.from("vide"), u32(0, 0, 0), Buffer.from("camera\0")),
          box(
            "minf",
            fullBox("vmhd", 0, 1, u16(0, 0, 0, 0)),
            // Section 8.7.2: the frames are in this file.
            box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))),
            box(
              "stbl",
              fullBox("stsd", 0, 0, u32(1), sampleEntry(sets)),
              fullBox("stts", 0, 0, u32(0)),
              fullBox("stsc", 0, 0, u32(0)),
              fullBox("stsz", 0, 0, u32(0, 0)),
              fullBox("stco", 0, 0, u32(0)),
            ),
          ),
        ),
      ),
      // Section 8.8.3: description 1, duration, size, flags of a frame that says nothing else.
      box(
        "mvex",
        fullBox("trex", 0, 0, u32(TRACK_ID, 1, Math.round(TIMESCALE / (rate ?? COMMON_RATE)), 0, 0)),
      ),
    ),
  ]);
}

/** The end of `mvhd`: six reserved numbers and the number of the next track. */
function nextTrack(): Buffer[] {
  return [u32(0, 0, 0, 0, 0, 0), u32(TRACK_ID + 1)];
}

/** ISO/IEC 14496-12 section 12.1.3, ISO/IEC 14496-15 section 5.4.2. */
function sampleEntry(sets: ParameterSets): Buffer {
  const { width, height } = sets.picture;
  return box(
    "avc1",
    u16(0, 0, 0, 1), // reserved; data reference 1
    u32(0, 0, 0, 0),
    u16(width, height),
    u32(0x480000, 0x480000, 0), // 72 dpi
    u16(1), // one frame in a sample
    Buffer.alloc(32), // compressor's name
    u16(0x18, 0xffff), // depth 24; no colour table
    box("avcC", decoderConfiguration(sets)),
  );
}

// A fragment with one frame. Sections 8.8.4 to 8.8.8, 8.8.12.
//
//    0  moof 96
//    8    mfhd 16   | 0 | number u32 |
//   24    traf 72
//   32      tfhd 20   | flags: default-base-is-moof, default-sample-flags-present | track u32 | sample flags u32 |
//   52      tfdt 20   | version 1 | time u64 |
//   72      trun 24   | flags: data-offset-present, sample-size-present | 1 u32 | offset u32 = 104 | size u32 |
//                     and where it is not shown when it is decoded, all sizes 4 more: | shown later by i32 |
//   96  mdat      | { length u32 | NAL unit } |
const FRAGMENT_HEAD_BYTES = 104;
const LATER_BYTES = 4;
const NUMBER_AT = 20;
const TIME_AT = 64;
const SIZE_AT = 92;
const LATER_AT = 96;
const DATA_SIZE_AT = 96;

// Section 8.8.3.1: a keyframe depends on no other frame; a delta does, and nothing begins with it.
const KEYFRAME_FLAGS = 0x0200_0000;
const DELTA_FLAGS = 0x0101_0000;
// No other frame depends on it.
const DISCARDABLE_FLAG = 0x0080_0000;

/** What a fragment says of its frame, beside the frame's own facts. */
export interface Mp4Fragment {
  /** +1 per fragment of the stream. */
  readonly number: number;
  /** When to decode it, in µs from the beginning of the stream. */
  readonly micros: number;
  /** How much later to show it, in µs. */
  readonly laterMicros: number;
  /** Bytes of its {@link mp4Data}. */
  readonly dataBytes: number;
}

/** `moof`, and the start of `mdat`; {@link mp4Data} follows. */
export function mp4FragmentHead(
  frame: Frame.Frame,
  { number, micros, laterMicros, dataBytes }: Mp4Fragment,
): Buffer {
  const { plain, later } = frame.keyframe ? KEYFRAME_HEAD : frame.discardable ? DISCARDABLE_HEAD : DELTA_HEAD;
  const head = Buffer.from(laterMicros === 0 ? plain : later);
  if (laterMicros !== 0) head.writeInt32BE(laterMicros, LATER_AT);
  head.writeUInt32BE(number, NUMBER_AT);
  head.writeUInt32BE(Math.floor(micros / 2 ** 32), TIME_AT);
  head.writeUInt32BE(micros % 2 ** 32, TIME_AT + 4);
  head.writeUInt32BE(dataBytes, SIZE_AT);
  head.writeUInt32BE(8 + dataBytes, DATA_SIZE_AT + (laterMicros === 0 ? 0 : LATER_BYTES));
  return head;
}

/** A frame as a sample of `avc1`: its NAL units behind their lengths. */
export function mp4Data(frame: Frame.Frame): Buffer {
  return Buffer.from(toSample(frame.payload).buffer);
}

const KEYFRAME_HEAD = headsWith(KEYFRAME_FLAGS);
const DELTA_HEAD = headsWith(DELTA_FLAGS);
const DISCARDABLE_HEAD = headsWith(DELTA_FLAGS + DISCARDABLE_FLAG);

/** What stands in front of every frame of a kind; number, times and sizes still 0. `later`: of one that says when to show it. */
function headsWith(sampleFlags: number): { readonly plain: Buffer; readonly later: Buffer } {
  const head = (trun: Buffer): Buffer => {
    const tfhd = fullBox("tfhd", 0, 0x020020, u32(TRACK_ID, sampleFlags));
    const traf = box("traf", tfhd, fullBox("tfdt", 1, 0, u64(0)), trun);
    return Buffer.concat([box("moof", fullBox("mfhd", 0, 0, u32(0)), traf), box("mdat")]);
  };
  return {
    plain: head(fullBox("trun", 0, 0x000201, u32(1, FRAGMENT_HEAD_BYTES, 0))),
    // Version 1: the difference may be negative.
    later: head(fullBox("trun", 1, 0x000a01, u32(1, FRAGMENT_HEAD_BYTES + LATER_BYTES, 0, 0))),
  };
}
