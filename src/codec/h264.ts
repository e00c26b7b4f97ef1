/**
 * H.264 as far as one must know it who carries it (ITU-T H.264, 7.3).
 * @module
 */
import { split } from "./annex-b.ts";
import { BitReader } from "./bit-reader.ts";
import { codecString, readSequence } from "./h264-sequence.ts";
import type { DecoderConfiguration, NalCodec } from "./nal-codec.ts";

/** Types of NAL units (table 7-1), as far as a carrier cares. */
export const NalType = {
  /** Coded slice of an IDR picture: a decoder can start at it. */
  IDR: 5,
  /** Sequence parameter set. */
  SPS: 7,
  /** Picture parameter set. */
  PPS: 8,
  /** Access unit delimiter. */
  DELIMITER: 9,
  /** Filler data: makes a stream longer, and nothing else. */
  FILLER: 12,
} as const;

/** What kind of NAL unit it is: the low five bits of its first byte (section 7.3.1). */
export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/** H.264. */
export const H264: NalCodec = {
  parameterSet: (unit) =>
    nalType(unit) === NalType.SPS || nalType(unit) === NalType.PPS
      ? `${nalType(unit)} ${idOf(unit)}`
      : undefined,
  isSlice: (unit) => nalType(unit) >= 1 && nalType(unit) <= NalType.IDR,
  isKeyframe: (slice) => nalType(slice) === NalType.IDR,
  isDiscardable: (slice) => ((slice[0] ?? 0) & 0x60) === 0,
  isSequence: (unit) => nalType(unit) === NalType.SPS,
  codecString,
  size: (sps) => {
    const { width, height } = readSequence(sps);
    return { width, height };
  },
  configuration,
};

/** Whether browsers decode it: baseline, main and high; other profiles are of more than 8 bits, or 4:2:2, or scalable. */
export function playsInBrowsers(codec: string): boolean {
  return /^avc1\.(42|4D|58|64)/i.test(codec);
}

function idOf(unit: Uint8Array): number {
  const reader = BitReader.ofUnit(unit.subarray(0, 16));
  reader.skip(nalType(unit) === NalType.SPS ? 32 : 8);
  return reader.ue();
}

/** What an `avcC` box says (ISO/IEC 14496-15, 5.3.3), or parameter sets in Annex B. */
function configuration(bytes: Uint8Array): DecoderConfiguration {
  if (bytes[0] !== 1) return { parameterSets: split(bytes) };
  const parameterSets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    for (let left = (bytes[at++] ?? 0) & mask; left > 0 && at + 2 <= bytes.byteLength; left--) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      parameterSets.push(bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return { lengthBytes: ((bytes[4] ?? 3) & 3) + 1, parameterSets };
}
