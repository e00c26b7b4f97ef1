/* The server's half of the WebSocket handshake (RFC 6455 section 4.2): SHA-1 and base64 of the client's key. */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SHA1_BYTES = 20, KEY_CHARACTERS = 24, ACCEPT_CHARACTERS = 28 };

static inline uint32_t rotate_left(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

/* SHA-1 (FIPS 180-4) of a short text: at most 119 bytes, two blocks with the padding. */
static inline void sha1(const char *text, size_t length, uint8_t digest[SHA1_BYTES]) {
  uint8_t message[128] = {0};
  size_t blocks = length < 56 ? 1 : 2;
  memcpy(message, text, length);
  message[length] = 0x80;
  for (int i = 0; i < 8; i++) message[blocks * 64 - 1 - (size_t)i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));

  uint32_t hash[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (size_t block = 0; block < blocks; block++) {
    uint32_t word[80];
    for (int i = 0; i < 16; i++) {
      const uint8_t *at = message + block * 64 + i * 4;
      word[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int i = 16; i < 80; i++) word[i] = rotate_left(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^ word[i - 16], 1);
    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4];
    for (int i = 0; i < 80; i++) {
      uint32_t mix = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
      uint32_t next = rotate_left(a, 5) + mix + e + word[i];
      e = d, d = c, c = rotate_left(b, 30), b = a, a = next;
    }
    hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e;
  }
  for (int i = 0; i < SHA1_BYTES; i++) digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}

/* The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key. */
static inline void accept_key(const char *key, char answer[ACCEPT_CHARACTERS + 1]) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char text[KEY_CHARACTERS + 37];
  int length = snprintf(text, sizeof text, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", KEY_CHARACTERS, key);
  uint8_t digest[SHA1_BYTES + 1] = {0};
  sha1(text, (size_t)length, digest);
  for (int i = 0; i < 7; i++) {
    uint32_t three = (uint32_t)digest[i * 3] << 16 | (uint32_t)digest[i * 3 + 1] << 8 | digest[i * 3 + 2];
    for (int j = 0; j < 4; j++) answer[i * 4 + j] = alphabet[three >> (18 - 6 * j) & 63];
  }
  answer[ACCEPT_CHARACTERS - 1] = '=';
  answer[ACCEPT_CHARACTERS] = 0;
}

#endif
