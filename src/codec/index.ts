/**
 * What coded video says of itself: NAL units, parameter sets, sizes, codec strings; and the bits of a JPEG that is written by hand.
 * Nothing is decoded. Pure code, for Node and browsers.
 * @module
 */
export * as AnnexB from "./annex-b.ts";
export { readAv1Sequence } from "./av1.ts";
export { H264, NalType, nalType, playsInBrowsers } from "./h264.ts";
export { levelFor } from "./h264-level.ts";
export { PictureOrder } from "./h264-order.ts";
export {
  decoderConfiguration,
  findSequence,
  type ParameterSets,
  parameterSets,
  sameParameterSets,
  toSample,
} from "./h264-parameters.ts";
export { codecString } from "./h264-sequence.ts";
export { H265 } from "./h265.ts";
export { bitLength, JpegScanWriter } from "./jpeg-scan-writer.ts";
export type { NalCodec } from "./nal-codec.ts";
export type { Size } from "./size.ts";
export { readVp9Size } from "./vp9.ts";
