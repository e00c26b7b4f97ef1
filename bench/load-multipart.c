/* The load's viewers of HTTP MJPEG: `multipart/x-mixed-replace`, read as fast as it comes, as a browser does. */
#include "load.h"
#include "stamp.h"

/* A boundary, a part's headers and the stamp. */
enum { PROBE_BYTES = 512 };

static int request(char *text, size_t room) {
  return snprintf(text, room, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%ld\r\n\r\n", path, port);
}

static void opened(struct viewer *viewer) {
  (void)viewer;
  watching++;
}

static size_t message(struct viewer *viewer, const uint8_t *data, size_t have) {
  const uint8_t *end = memmem(data, have < HELD_BYTES ? have : HELD_BYTES, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t header = (size_t)(end - data) + 4;
  char text[HELD_BYTES + 1];
  memcpy(text, data, header);
  text[header] = 0;
  const char *length = strcasestr(text, "\r\ncontent-length:");
  uint64_t bytes = length ? strtoull(length + 17, NULL, 10) : 0;
  if (!bytes) die("a part without Content-Length: %s", text);
  if (have < header + (bytes < STAMP_BYTES ? bytes : STAMP_BYTES)) return 0;
  const uint8_t *jpeg = data + header;
  viewer->rest = bytes;
  viewer->big = bytes > COPY_BYTES;
  /* One without a stamp is not the camera's: a program says in it that it has no picture. */
  viewer->frame = stamped(jpeg, (size_t)bytes);
  if (viewer->frame) begin_frame(viewer, stamp_sequence(jpeg), stamp_captured_at(jpeg), viewer->counted);
  return header;
}

static void painted(struct viewer *viewer) { (void)viewer; }

const struct protocol multipart = {200, PROBE_BYTES, request, opened, message, painted};
