/* The load's viewers of hello.v1: each acknowledges a frame when its last byte has arrived, as a browser does when it has painted. */
#include "load.h"
#include "stamp.h"

/* Any header, an envelope, and the camera's stamp behind it. */
enum { PROBE_BYTES = MAX_HEADER_BYTES + ENVELOPE_BYTES + STAMP_BYTES };

/* Send a short message, masked as RFC 6455 wants it of a client. */
static void tell(struct viewer *viewer, int opcode, const void *body, size_t length) {
  static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  uint8_t message[6 + 125];
  message[0] = (uint8_t)(0x80 | opcode);
  message[1] = (uint8_t)(0x80 | length);
  memcpy(message + 2, mask, 4);
  for (size_t i = 0; i < length; i++) message[6 + i] = ((const uint8_t *)body)[i] ^ mask[i % 4];
  /* One that does not leave is lost without harm: acknowledgements are absolute. */
  send(viewer->fd, message, 6 + length, MSG_NOSIGNAL);
}

static void control(struct viewer *viewer, const char *text) {
  const char *number = strstr(text, "\"number\":");
  if (!strstr(text, "\"watching\"") || !number) return;
  if (!viewer->track) watching++;
  viewer->track = (uint16_t)atoi(number + 9);
}

static size_t message(struct viewer *viewer, const uint8_t *data, size_t have) {
  if (have < 2) return 0;
  size_t header = data[1] < 126 ? 2 : data[1] == 126 ? 4 : 10;
  if (have < header) return 0;
  uint64_t length = header == 2 ? data[1] : take(data + 2, (int)header - 2);
  int opcode = data[0] & 0x0f;
  if (opcode == OP_BINARY && length >= ENVELOPE_BYTES) {
    uint64_t payload = length - ENVELOPE_BYTES;
    if (have < header + ENVELOPE_BYTES + (payload < STAMP_BYTES ? payload : STAMP_BYTES)) return 0;
    const uint8_t *envelope = data + header, *jpeg = envelope + ENVELOPE_BYTES;
    if (envelope[0] != KIND_FRAME) die("a binary message of kind %d, expected a frame", envelope[0]);
    uint16_t number = (uint16_t)take(envelope + 2, 2);
    /* When the picture left the camera, where it says so: what the recorder takes to read it is age as well. */
    uint64_t captured_at = stamped(jpeg, (size_t)payload) ? stamp_captured_at(jpeg) : take(envelope + 8, 8);
    begin_frame(viewer, (uint32_t)take(envelope + 4, 4), captured_at, number == viewer->track);
    viewer->track = number;
    viewer->rest = payload;
    viewer->frame = true;
    viewer->big = length > COPY_BYTES;
    return header + ENVELOPE_BYTES;
  }
  if (length > HELD_BYTES - MAX_HEADER_BYTES) {
    viewer->rest = length;
    viewer->frame = false;
    return header;
  }
  if (have < header + length) return 0;
  const uint8_t *body = data + header;
  if (opcode == OP_CLOSE) {
    leave(viewer, "the server sent a close message");
  } else if (opcode == OP_PING && length <= 125) {
    tell(viewer, OP_PONG, body, length);
  } else if (opcode == OP_TEXT) {
    char text[HELD_BYTES];
    memcpy(text, body, length);
    text[length] = 0;
    control(viewer, text);
  }
  return header + length;
}

static int request(char *text, size_t room) {
  return snprintf(text, room,
                  "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%ld\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Protocol: hello.v1\r\n\r\n",
                  port);
}

static void opened(struct viewer *viewer) {
  char text[126];
  int length = snprintf(text, sizeof text,
                        "{\"type\":\"watch\",\"camera\":\"%.32s\",\"track\":\"%.32s\",\"window\":%ld}", camera, track,
                        window);
  tell(viewer, OP_TEXT, text, (size_t)length);
}

static void painted(struct viewer *viewer) {
  if (++viewer->unsaid < ack_every) return;
  viewer->unsaid = 0;
  uint8_t ack[ACK_BYTES] = {KIND_ACK, (uint8_t)window};
  put(ack + 2, 2, viewer->track);
  put(ack + 4, 4, viewer->sequence);
  tell(viewer, OP_BINARY, ack, sizeof ack);
}

const struct protocol hello = {101, PROBE_BYTES, request, opened, message, painted};
