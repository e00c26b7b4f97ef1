/*
 * The camera: an HTTP MJPEG stream of one JPEG file, as network cameras send it. Where the picture has room for a stamp, each says
 * when it left.
 *
 * It is no part of what is measured, so it is as cheap as it can be and belongs on the load's core. A client that
 * does not keep up misses frames, as with a real camera.
 *
 *   camera --port 0 --file picture.jpg --rate 30 --seconds 60
 */
#include "stamp.h"
#include "wire.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

enum { MAX_CLIENTS = 16, PART_HEADER_BYTES = 128 };

struct client {
  int fd;
  bool streaming;
  /* Bytes of the current part that have left. */
  size_t left;
};

static struct client clients[MAX_CLIENTS];
static int epoll;
static char *part;
static size_t part_bytes;
/* The picture in the part, when it has room for a stamp. */
static uint8_t *stamp;

/* The one that mjpg-streamer insists on; to all others it is as good as any. */
#define BOUNDARY "boundarydonotcross"
#define PART_END "\r\n--" BOUNDARY "\r\n"

/*
 * The whole part with the boundary behind it: who waits for that has the picture at once. The same for every frame, but
 * for the stamp.
 */
static void load_part(const char *file) {
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  struct stat facts;
  if (fd < 0 || fstat(fd, &facts)) die("%s: %s", file, strerror(errno));
  size_t size = (size_t)facts.st_size;
  part = malloc(size + PART_HEADER_BYTES);
  if (!part) die("no memory for %s", file);
  part_bytes = (size_t)snprintf(part, PART_HEADER_BYTES,
                                "Content-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n", size);
  if (read(fd, part + part_bytes, size) != (ssize_t)size) die("%s: %s", file, strerror(errno));
  if (stamped((uint8_t *)part + part_bytes, size)) stamp = (uint8_t *)part + part_bytes;
  part_bytes += size;
  memcpy(part + part_bytes, PART_END, sizeof PART_END - 1);
  part_bytes += sizeof PART_END - 1;
  close(fd);
}

static void leave(struct client *client) {
  close(client->fd);
  *client = (struct client){.fd = -1};
}

static void push(struct client *client) {
  ssize_t wrote = send(client->fd, part + client->left, part_bytes - client->left, MSG_NOSIGNAL);
  if (wrote < 0 && errno != EAGAIN) {
    leave(client);
    return;
  }
  if (wrote > 0) client->left += (size_t)wrote;
  bool whole = client->left == part_bytes;
  watch(epoll, EPOLL_CTL_MOD, client->fd, whole ? EPOLLIN : EPOLLIN | EPOLLOUT, client);
}

static void receive(struct client *client) {
  char request[4096];
  ssize_t got = recv(client->fd, request, sizeof request, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    leave(client);
    return;
  }
  if (client->streaming) return;
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=" BOUNDARY "\r\n"
                               "Cache-Control: no-store\r\nConnection: close\r\n\r\n--" BOUNDARY "\r\n";
  if (send(client->fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) {
    leave(client);
    return;
  }
  client->streaming = true;
  client->left = part_bytes;
}

static void welcome(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct client *client = clients;
    while (client < clients + MAX_CLIENTS && client->fd >= 0) client++;
    if (client == clients + MAX_CLIENTS) {
      close(fd);
      continue;
    }
    *client = (struct client){.fd = fd};
    no_delay(fd);
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, client);
  }
}

int main(int count, char **words) {
  long port = 0, rate = 30, seconds = 60;
  const char *file = "";
  parse_options(count, words,
                (struct option[]){{"--port", &port, NULL},
                                  {"--file", NULL, &file},
                                  {"--rate", &rate, NULL},
                                  {"--seconds", &seconds, NULL},
                                  {0}});
  if (rate < 1 || rate > 1000) die("--rate is 1 to 1000 frames a second");
  load_part(file);
  for (int i = 0; i < MAX_CLIENTS; i++) clients[i].fd = -1;
  epoll = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_local(port);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct timespec interval = {.tv_sec = rate == 1, .tv_nsec = rate == 1 ? 0 : 1000000000 / rate};
  timerfd_settime(timer, 0, &(struct itimerspec){interval, interval}, NULL);
  watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
  watch(epoll, EPOLL_CTL_ADD, timer, EPOLLIN, &timer);

  uint64_t end = steady_us() + (uint64_t)seconds * 1000000u;
  struct epoll_event events[MAX_CLIENTS + 2];
  uint32_t sequence = 0;
  while (steady_us() < end) {
    int ready = epoll_wait(epoll, events, MAX_CLIENTS + 2, 1000);
    bool tick = false;
    for (int i = 0; i < ready; i++) {
      void *which = events[i].data.ptr;
      if (which == &listener) {
        welcome(listener);
      } else if (which == &timer) {
        uint64_t expired;
        tick = read(timer, &expired, sizeof expired) > 0;
      } else {
        struct client *client = which;
        if (events[i].events & (EPOLLHUP | EPOLLERR)) leave(client);
        else if (events[i].events & EPOLLOUT) push(client);
        else receive(client);
      }
    }
    if (!tick) continue;
    if (stamp) write_stamp(stamp, sequence++, epoch_us());
    for (struct client *client = clients; client < clients + MAX_CLIENTS; client++) {
      if (client->fd < 0 || !client->streaming || client->left < part_bytes) continue;
      client->left = 0;
      push(client);
    }
  }
  return 0;
}
