/**
 * NUT, the container in which packets travel to and from the `ffmpeg` command: of all that it writes into a pipe the
 * one that holds every codec, with time, keyframe and length in front of each packet. Only what one stream of video
 * needs, and no syncpoints: both ends would keep each of them for ever. The format: https://ffmpeg.org/nut.html.
 * @module
 */

/** What a file begins with. */
export const FILE_ID: Uint8Array = Buffer.from("nut/multimedia container\0");

/** The eight bytes in front of what is no frame. */
export const START_CODES: Readonly<Record<"main" | "stream" | "syncpoint" | "index" | "info", bigint>> = {
  main: 0x4e4d_7a56_1f5f_04adn,
  stream: 0x4e53_1140_5bf2_f9dbn,
  syncpoint: 0x4e4b_e4ad_eeca_4569n,
  index: 0x4e58_dd67_2f23_e64en,
  info: 0x4e49_ab68_b596_ba78n,
};

/** The first byte of a start code, which no frame begins with. */
export const NOT_A_FRAME = 0x4e;

/** What a frame says of itself. */
export const FrameFlag = {
  KEY: 1,
  CODED_PTS: 8,
  STREAM_ID: 16,
  SIZE_MSB: 32,
  CHECKSUM: 64,
  RESERVED: 128,
  SIDE_DATA: 256,
  HEADER_INDEX: 1024,
  MATCH_TIME: 2048,
  CODED: 4096,
  INVALID: 8192,
} as const;

/** The version with {@link PIPE}. */
export const VERSION = 4;
/** A flag of the whole file: there are no syncpoints. */
export const PIPE = 2;
/** A header longer than this has a check of its own. In bytes. */
export const LONG_HEADER_BYTES = 4096;

/** The check of headers: polynomial 0x04c11db7, begun with zeros, not reversed. */
export function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
