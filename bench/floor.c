/*
 * The floor: the least that a server can do for the same viewers.
 *
 * One thread, epoll, frames made in memory, and just enough WebSocket and hello.v1 to serve load.c: the credit
 * rule of docs/protocol.md, one sendmsg per frame and viewer, header and payload shared by all viewers. What our
 * server costs above this is what its language, its libraries and its capture cost.
 *
 *   floor --port 0 --bytes 100000 --rate 30 --seconds 60
 */
#include "wire.h"

#include "handshake.h"
#include <sys/timerfd.h>
#include <sys/uio.h>

enum { MAX_VIEWERS = 8192, INPUT_BYTES = 2048, HEAD_BYTES = MAX_HEADER_BYTES + ENVELOPE_BYTES, TRACK = 1 };

/* What goes in front of a payload: WebSocket header and envelope. */
struct head {
  uint8_t bytes[HEAD_BYTES];
  size_t length;
};

struct viewer {
  int fd;
  bool upgraded, watching;
  uint8_t window;
  /* Sequences sent and not acknowledged yet, oldest first. */
  uint32_t flight[MAX_WINDOW];
  int in_flight;
  uint32_t sent;
  /* The frame that the socket did not take whole: its head, and how much of head and payload has left. */
  struct head rest;
  size_t left;
  /* Bytes received that are not a whole message yet. */
  uint8_t input[INPUT_BYTES];
  size_t have;
};

static struct viewer *viewers[MAX_VIEWERS];
static int viewer_count;
static int epoll;

static uint8_t *payload;
static long payload_bytes = 100000;
static struct head newest;
static uint32_t sequence;

static size_t message_header(uint8_t *to, int opcode, size_t length) {
  to[0] = (uint8_t)(0x80 | opcode);
  if (length < 126) return to[1] = (uint8_t)length, 2;
  if (length < 65536) return to[1] = 126, put(to + 2, 2, length), 4;
  return to[1] = 127, put(to + 2, 8, length), 10;
}

static void make_frame(void) {
  sequence++;
  newest.length = message_header(newest.bytes, OP_BINARY, ENVELOPE_BYTES + (size_t)payload_bytes);
  uint8_t *envelope = newest.bytes + newest.length;
  envelope[0] = KIND_FRAME;
  envelope[1] = FLAG_KEYFRAME;
  put(envelope + 2, 2, TRACK);
  put(envelope + 4, 4, sequence);
  put(envelope + 8, 8, epoch_us());
  newest.length += ENVELOPE_BYTES;
}

static void leave(struct viewer *viewer) {
  for (int i = 0; i < viewer_count; i++)
    if (viewers[i] == viewer) viewers[i] = viewers[--viewer_count];
  close(viewer->fd);
  free(viewer);
}

/* Write what is left of a frame. Returns how much of it has left, or -1 when the viewer is gone. */
static ssize_t write_frame(int fd, const struct head *head, size_t left) {
  size_t from_head = left < head->length ? left : head->length;
  size_t from_payload = left - from_head;
  struct iovec parts[2] = {
      {(void *)(head->bytes + from_head), head->length - from_head},
      {payload + from_payload, (size_t)payload_bytes - from_payload},
  };
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  ssize_t wrote = sendmsg(fd, &message, MSG_NOSIGNAL);
  if (wrote < 0) return errno == EAGAIN ? (ssize_t)left : -1;
  return (ssize_t)left + wrote;
}

/* Give the viewer the newest frame, if it has credit for it and its socket has taken the last one. */
static bool feed(struct viewer *viewer) {
  if (!viewer->watching || viewer->rest.length || viewer->in_flight >= viewer->window) return true;
  if (!sequence || viewer->sent == sequence) return true;
  ssize_t left = write_frame(viewer->fd, &newest, 0);
  if (left < 0) return false;
  viewer->sent = sequence;
  viewer->flight[viewer->in_flight++] = sequence;
  if ((size_t)left < newest.length + (size_t)payload_bytes) {
    viewer->rest = newest;
    viewer->left = (size_t)left;
    watch(epoll, EPOLL_CTL_MOD, viewer->fd, EPOLLIN | EPOLLOUT, viewer);
  }
  return true;
}

/* The socket takes bytes again. */
static bool drain(struct viewer *viewer) {
  ssize_t left = write_frame(viewer->fd, &viewer->rest, viewer->left);
  if (left < 0) return false;
  viewer->left = (size_t)left;
  if (viewer->left < viewer->rest.length + (size_t)payload_bytes) return true;
  viewer->rest.length = 0;
  watch(epoll, EPOLL_CTL_MOD, viewer->fd, EPOLLIN, viewer);
  return feed(viewer);
}

static void acknowledge(struct viewer *viewer, const uint8_t *ack) {
  uint32_t done = (uint32_t)take(ack + 4, 4);
  int kept = 0;
  for (int i = 0; i < viewer->in_flight; i++)
    if (newer(viewer->flight[i], done)) viewer->flight[kept++] = viewer->flight[i];
  viewer->in_flight = kept;
  viewer->window = ack[1] > MAX_WINDOW ? MAX_WINDOW : ack[1];
}

static bool send_text(struct viewer *viewer, const char *text) {
  uint8_t message[256];
  size_t length = strlen(text);
  size_t header = message_header(message, OP_TEXT, length);
  memcpy(message + header, text, length);
  return send(viewer->fd, message, header + length, MSG_NOSIGNAL) == (ssize_t)(header + length);
}

/* The one control message that load.c sends: watch. */
static bool control(struct viewer *viewer, const char *text) {
  const char *window = strstr(text, "\"window\":");
  if (!strstr(text, "\"watch\"") || !window) return false;
  viewer->window = (uint8_t)atoi(window + 9);
  if (viewer->window > MAX_WINDOW) return false;
  viewer->watching = true;
  return send_text(viewer, "{\"type\":\"watching\",\"camera\":\"bench\",\"track\":\"jpeg\",\"number\":1}") &&
         feed(viewer);
}

static bool upgrade(struct viewer *viewer) {
  char *request = (char *)viewer->input;
  request[viewer->have] = 0;
  if (!strstr(request, "\r\n\r\n")) return true;
  const char *key = strcasestr(request, "\r\nSec-WebSocket-Key: ");
  if (!key || strlen(key) < 21 + KEY_CHARACTERS || !strstr(request, "hello.v1")) return false;
  char accept[ACCEPT_CHARACTERS + 1];
  accept_key(key + 21, accept);
  char answer[256];
  int length = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: hello.v1\r\n\r\n",
                        accept);
  if (send(viewer->fd, answer, (size_t)length, MSG_NOSIGNAL) != length) return false;
  viewer->upgraded = true;
  viewer->have = 0;
  return send_text(viewer, "{\"type\":\"hello\",\"version\":1}");
}

/* Take the whole messages off the input. A viewer's messages are masked and short; others end it. */
static bool messages(struct viewer *viewer) {
  size_t at = 0;
  while (viewer->have - at >= 6) {
    uint8_t *header = viewer->input + at;
    size_t length = header[1] & 0x7f;
    if (!(header[1] & 0x80) || length > 125) return false;
    if (viewer->have - at < 6 + length) break;
    uint8_t *body = header + 6;
    for (size_t i = 0; i < length; i++) body[i] ^= header[2 + i % 4];
    at += 6 + length;
    int opcode = header[0] & 0x0f;
    if (opcode == OP_CLOSE) return false;
    if (opcode == OP_BINARY && length == ACK_BYTES && body[0] == KIND_ACK) acknowledge(viewer, body);
    if (opcode == OP_TEXT) {
      char text[126];
      memcpy(text, body, length);
      text[length] = 0;
      if (!control(viewer, text)) return false;
    }
  }
  memmove(viewer->input, viewer->input + at, viewer->have - at);
  viewer->have -= at;
  return feed(viewer);
}

static bool receive(struct viewer *viewer) {
  ssize_t got = recv(viewer->fd, viewer->input + viewer->have, INPUT_BYTES - 1 - viewer->have, 0);
  if (got < 0 && errno == EAGAIN) return true;
  if (got <= 0) return false;
  viewer->have += (size_t)got;
  return viewer->upgraded ? messages(viewer) : upgrade(viewer);
}

static void welcome(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct viewer *viewer = calloc(1, sizeof *viewer);
    if (!viewer || viewer_count == MAX_VIEWERS) die("more than %d viewers", MAX_VIEWERS);
    viewer->fd = fd;
    no_delay(fd);
    viewers[viewer_count++] = viewer;
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, viewer);
  }
}

int main(int count, char **words) {
  long port = 0, rate = 30, seconds = 60;
  parse_options(count, words,
                (struct option[]){{"--port", &port, NULL},
                                  {"--bytes", &payload_bytes, NULL},
                                  {"--rate", &rate, NULL},
                                  {"--seconds", &seconds, NULL},
                                  {0}});
  if (rate < 1 || rate > 1000) die("--rate is 1 to 1000 frames a second");
  raise_file_limit(1);
  payload = malloc((size_t)payload_bytes + 1);
  if (!payload) die("no memory for %ld bytes", payload_bytes);
  memset(payload, 0x5a, (size_t)payload_bytes);

  epoll = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_local(port);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct timespec interval = {.tv_sec = rate == 1, .tv_nsec = rate == 1 ? 0 : 1000000000 / rate};
  timerfd_settime(timer, 0, &(struct itimerspec){interval, interval}, NULL);
  watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
  watch(epoll, EPOLL_CTL_ADD, timer, EPOLLIN, &timer);

  uint64_t end = steady_us() + (uint64_t)seconds * 1000000u;
  struct epoll_event events[256];
  while (steady_us() < end) {
    int ready = epoll_wait(epoll, events, 256, 1000);
    bool tick = false;
    for (int i = 0; i < ready; i++) {
      void *which = events[i].data.ptr;
      if (which == &listener) {
        welcome(listener);
      } else if (which == &timer) {
        uint64_t expired;
        tick = read(timer, &expired, sizeof expired) > 0;
      } else {
        struct viewer *viewer = which;
        bool stays = !(events[i].events & EPOLLIN) || receive(viewer);
        if (stays && events[i].events & EPOLLOUT && viewer->rest.length) stays = drain(viewer);
        if (stays && events[i].events & (EPOLLHUP | EPOLLERR)) stays = false;
        if (!stays) leave(viewer);
      }
    }
    if (!tick) continue;
    make_frame();
    for (int i = viewer_count - 1; i >= 0; i--)
      if (!feed(viewers[i])) leave(viewers[i]);
  }
  return 0;
}
