/** The check of a transport stream's tables (ISO/IEC 13818-1 annex A): polynomial 0x04c11db7, begun with ones, not reversed. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++)
      crc = crc < 0 || crc > 0x7fff_ffff ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
