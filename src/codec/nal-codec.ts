import type { Size } from "./size.ts";

/** What a decoder must know before the first picture, as a container holds it. */
export interface DecoderConfiguration {
  /** Bytes of the length in front of each unit of the stream; absent: they have start codes. */
  readonly lengthBytes?: number | undefined;
  readonly parameterSets: readonly Uint8Array[];
}

/** What one must know of a codec that consists of NAL units to carry it. Units come without start code or length. */
export interface NalCodec {
  /** Which parameter set a unit is, so that a later one replaces it; `undefined`: none. */
  parameterSet(unit: Uint8Array): string | undefined;

  /** Whether a unit is a part of a picture. */
  isSlice(unit: Uint8Array): boolean;

  /** Whether a decoder can start at the picture of a slice. */
  isKeyframe(slice: Uint8Array): boolean;

  /** Whether no other picture needs that of a slice. */
  isDiscardable(slice: Uint8Array): boolean;

  /** Whether a unit says of what follows in one stream how to decode it, size included. */
  isSequence(unit: Uint8Array): boolean;

  /** The codec as WebCodecs names it. */
  codecString(sequence: Uint8Array): string;

  /** Pixels that are shown. */
  size(sequence: Uint8Array): Size;

  /** Read what a container says. */
  configuration(bytes: Uint8Array): DecoderConfiguration;
}
