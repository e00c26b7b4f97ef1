/* What the load's viewers have in common, and what differs with the protocol that they speak. */
#ifndef LOAD_H
#define LOAD_H

#include "wire.h"

enum {
  HELD_BYTES = 1024,
  /* Payloads up to this size are cheaper to copy with one call than to discard with two. */
  COPY_BYTES = 16384,
};

struct viewer {
  int fd;
  enum { CLOSED, CONNECTING, ASKING, OPEN, STALLED } state;
  bool counted;
  uint16_t track;
  uint32_t sequence;
  uint64_t captured_at;
  /* Bytes of the current message's payload that are still to come, and whether it is a frame. */
  uint64_t rest;
  bool frame;
  bool big;
  long frames;
  /* Frames since the last acknowledgement. */
  long unsaid;
  uint8_t held[HELD_BYTES];
  size_t have;
};

/* How viewers and a server talk. */
struct protocol {
  /* The status of the answer that lets a viewer in. */
  int status;
  /* A first read that holds the start of a message: the rest of a big frame is discarded unread. */
  size_t probe_bytes;
  /* Write the request of a new viewer. Returns its length. */
  int (*request)(char *text, size_t room);
  /* The server has let the viewer in. */
  void (*opened)(struct viewer *viewer);
  /*
   * Take one message, or the start of a frame, off `data` and say in the viewer how much is still to come. Returns the bytes
   * taken: 0 when more must come first.
   */
  size_t (*message)(struct viewer *viewer, const uint8_t *data, size_t have);
  /* A frame's last byte has come. */
  void (*painted)(struct viewer *viewer);
};

/* hello.v1 over WebSocket, with credit. */
extern const struct protocol hello;
/* Multipart over HTTP: JPEGs as fast as the viewer reads. */
extern const struct protocol multipart;

extern long port, window, ack_every;
extern const char *camera, *track, *path;

/* Viewers that were told that they watch. */
extern long watching;

/* The viewer has the start of a frame of this sequence: the frames in between were not for it. */
void begin_frame(struct viewer *viewer, uint32_t sequence, uint64_t captured_at, bool same_track);

/* The server has closed the viewer's connection. */
void leave(struct viewer *viewer, const char *why);

#endif
