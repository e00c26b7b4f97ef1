/*
 * The stamp of src/lab/stamp.ts: a comment at the start of a JPEG that says which picture it is, and when it left the camera. A
 * program that passes JPEGs through hands it to the viewer, so ages need no trust in what the program says of itself.
 *
 *   | ff d8 | ff fe, length u16, "hello lab", sequence u32, capturedAt u64 µs | the rest of the JPEG |   big-endian
 */
#ifndef STAMP_H
#define STAMP_H

#include "wire.h"

enum { STAMP_START_BYTES = 15, STAMP_BYTES = STAMP_START_BYTES + 12 };
static const uint8_t stamp_start[] = "\xff\xd8\xff\xfe\x00\x17hello lab";

/* Has this picture a stamp, or room for one? */
static inline bool stamped(const uint8_t *jpeg, size_t bytes) {
  return bytes >= STAMP_BYTES && !memcmp(jpeg, stamp_start, STAMP_START_BYTES);
}

static inline void write_stamp(uint8_t *jpeg, uint32_t sequence, uint64_t captured_at) {
  put(jpeg + STAMP_START_BYTES, 4, sequence);
  put(jpeg + STAMP_START_BYTES + 4, 8, captured_at);
}

static inline uint32_t stamp_sequence(const uint8_t *jpeg) { return (uint32_t)take(jpeg + STAMP_START_BYTES, 4); }

static inline uint64_t stamp_captured_at(const uint8_t *jpeg) { return take(jpeg + STAMP_START_BYTES + 4, 8); }

#endif
