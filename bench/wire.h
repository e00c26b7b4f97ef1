/*
 * What the C programs of the bench share: clocks, big-endian fields, sockets on 127.0.0.1, options.
 * Every one of them talks to 127.0.0.1 only and ends by itself.
 */
#ifndef WIRE_H
#define WIRE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* docs/protocol.md: the envelope in front of a frame, the acknowledgement, the largest window. */
enum { ENVELOPE_BYTES = 16, ACK_BYTES = 8, KIND_FRAME = 1, KIND_ACK = 2, FLAG_KEYFRAME = 1, MAX_WINDOW = 64 };

/* RFC 6455: opcodes, and the longest header that a server puts in front of a message. */
enum { OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10, MAX_HEADER_BYTES = 10 };

/* End the program with one sentence. */
__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

static inline uint64_t micros(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return (uint64_t)at.tv_sec * 1000000u + (uint64_t)at.tv_nsec / 1000u;
}

/* Microseconds since the Unix epoch: the clock of capture times. */
static inline uint64_t epoch_us(void) { return micros(CLOCK_REALTIME); }

/* Microseconds that no clock adjustment moves: the clock of durations. */
static inline uint64_t steady_us(void) { return micros(CLOCK_MONOTONIC); }

/* Write the `bytes` low bytes of `value`, most significant first. */
static inline void put(uint8_t *to, int bytes, uint64_t value) {
  for (int i = bytes - 1; i >= 0; i--, value >>= 8) to[i] = (uint8_t)value;
}

/* Read `bytes` bytes, most significant first. */
static inline uint64_t take(const uint8_t *from, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++) value = value << 8 | from[i];
  return value;
}

/* Is sequence `a` newer than `b`? Serial numbers of RFC 1982: they wrap. */
static inline bool newer(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }

static inline struct sockaddr_in loopback(long port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A frame leaves at once: waiting for more bytes would be age. */
static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Listen on 127.0.0.1 and say where as the first line of stdout. Port 0: any free one. */
static inline int listen_local(long port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 1024)) die("port %ld: %s", port, strerror(errno));
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

/* Watch `fd` for `events`; `data` comes back with them. */
static inline void watch(int epoll, int operation, int fd, uint32_t events, void *data) {
  struct epoll_event event = {.events = events, .data.ptr = data};
  if (epoll_ctl(epoll, operation, fd, &event)) die("epoll_ctl: %s", strerror(errno));
}

/* A viewer is a file descriptor: allow as many as the system grants, and end if that is not enough. */
static inline void raise_file_limit(long viewers) {
  enum { OTHERS = 32 };
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit)) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < (rlim_t)viewers + OTHERS)
    die("%ld viewers need as many files, and only %llu may be open here: raise the hard limit (ulimit -Hn)", viewers,
        (unsigned long long)limit.rlim_max);
}

/* One command-line option: a whole number, or a text. */
struct option {
  const char *name;
  long *number;
  const char **text;
};

/* Fill in the options given as `--name value`; anything else ends the program. The list ends with {0}. */
static inline void parse_options(int count, char **words, const struct option *options) {
  for (int i = 1; i < count; i += 2) {
    const struct option *option = options;
    while (option->name && strcmp(option->name, words[i])) option++;
    if (!option->name) die("%s: unknown option %s", words[0], words[i]);
    if (i + 1 == count) die("%s: %s needs a value", words[0], words[i]);
    if (option->text) {
      *option->text = words[i + 1];
      continue;
    }
    char *end;
    *option->number = strtol(words[i + 1], &end, 10);
    if (*end || end == words[i + 1] || *option->number < 0)
      die("%s: %s wants a whole number, got %s", words[0], words[i], words[i + 1]);
  }
}

#endif
