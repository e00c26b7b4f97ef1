import { BitReader } from "./bit-reader.ts";
import type { Size } from "./size.ts";

const SYNC_CODE = 0x498342;
const SRGB = 7;

/** The size of a keyframe of VP9 (bitstream specification, section 6.2); `undefined` for any other frame. */
export function readVp9Size(frame: Uint8Array): Size | undefined {
  const reader = new BitReader(frame.subarray(0, 16));
  if (reader.bits(2) !== 2) return undefined;
  const profile = reader.bits(1) + 2 * reader.bits(1);
  if (profile === 3) reader.skip(1);
  // show_existing_frame, then frame_type: 0 is a keyframe
  if (reader.flag() || reader.flag()) return undefined;
  reader.skip(2); // show_frame, error_resilient_mode
  if (reader.bits(24) !== SYNC_CODE) return undefined;
  if (profile >= 2) reader.skip(1); // ten or twelve bits
  const subsampled = profile === 1 || profile === 3;
  if (reader.bits(3) === SRGB) reader.skip(subsampled ? 1 : 0);
  else reader.skip(subsampled ? 4 : 1);
  return { width: reader.bits(16) + 1, height: reader.bits(16) + 1 };
}
