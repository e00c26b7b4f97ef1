/*
 * The load: many viewers of one track from one thread, cheap enough not to disturb what it measures.
 *
 * Each viewer speaks hello.v1, or with --path reads HTTP MJPEG. Big payloads are discarded in the kernel (MSG_TRUNC), so
 * the load costs less than any real viewer. Age is now minus the time at which the picture left the camera, or else the
 * capture time in the envelope: camera, server and load share one clock.
 *
 *   load --port 9000 --viewers 300 --window 2 --warmup 2 --seconds 10 [--stall 100 --stall-after 10 --churn 100]
 *   load --port 8080 --viewers 300 --path /stream --warmup 2 --seconds 10
 *
 * With --churn so many more viewers come and go each second while the others stall: each stays for a second and leaves
 * without a word. Figures are those of the viewers that read to the end; `came` and `saw` say how many came and went, and how many
 * of these saw a picture.
 *
 * With --ack-every N only every Nth frame is acknowledged: what a server costs that hears next to nothing of its viewers.
 *
 * Prints one JSON object per line: `measure` when the measured time begins, `stalled` with the figures until some
 * viewers stop reading, `done` with the figures since then. Ends after --seconds, or when something fails.
 */
#include "load.h"

enum {
  SCRATCH_BYTES = 65536,
  /* Connections that are being opened at once: below the backlog of any listener. */
  OPENING = 64,
  AGE_STEP_US = 10,
  AGE_STEPS = 1000000,
};

static struct viewer *viewers;
static long viewer_count = 1, warmup = 2, seconds = 10, stall = 0, stall_after = 0, churn = 0;
long port = 9000, window = 2, ack_every = 1;
const char *camera = "bench", *track = "jpeg", *path = NULL;
static const struct protocol *protocol = &hello;
static int epoll;
static uint8_t scratch[SCRATCH_BYTES];
static long opened, opening, first_frames, closed, skipped;
long watching;
static bool measuring;

/* When the next of the viewers that come and go does; 0 while none do. */
static uint64_t next_churn;
static long churned;
/* Of those who have left again: how many there were, and how many had seen a picture. */
static long came, saw;

static uint32_t ages[AGE_STEPS];
static uint64_t age_count, age_max, bytes;
static uint64_t phase_began;
static double phase_cpu;

static double own_cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void begin_phase(void) {
  memset(ages, 0, sizeof ages);
  age_count = age_max = bytes = 0;
  skipped = 0;
  for (long i = 0; i < viewer_count; i++) viewers[i].frames = 0;
  phase_began = steady_us();
  phase_cpu = own_cpu();
  measuring = true;
}

static double age_ms(double share) {
  uint64_t wanted = (uint64_t)(share * (double)age_count), seen = 0;
  for (int i = 0; i < AGE_STEPS; i++)
    if ((seen += ages[i]) > wanted) return (double)i * AGE_STEP_US / 1000;
  return (double)age_max / 1000;
}

/* Print the figures of the phase: of the viewers that read to its end. */
static void end_phase(const char *event, long readers) {
  double elapsed = (double)(steady_us() - phase_began) / 1e6;
  long frames = 0, fewest = -1;
  for (long i = 0; i < readers; i++) {
    frames += viewers[i].frames;
    if (fewest < 0 || viewers[i].frames < fewest) fewest = viewers[i].frames;
  }
  printf("{\"event\":\"%s\",\"viewers\":%ld,\"closed\":%ld,\"came\":%ld,\"saw\":%ld,"
         "\"seconds\":%.3f,\"frames\":%ld,\"skipped\":%ld,"
         "\"ratePerViewer\":{\"min\":%.2f,\"mean\":%.2f},\"ageMs\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},"
         "\"bytes\":%llu,\"cpuSeconds\":%.3f}\n",
         event, readers, closed, came, saw, elapsed, frames, skipped, (double)fewest / elapsed,
         (double)frames / (double)readers / elapsed, age_ms(0.5), age_ms(0.99), (double)age_max / 1000,
         (unsigned long long)bytes, own_cpu() - phase_cpu);
  fflush(stdout);
}

void leave(struct viewer *viewer, const char *why) {
  if (!viewer->counted) die("a viewer was closed before its first frame: %s", why);
  fprintf(stderr, "a viewer was closed: %s\n", why);
  close(viewer->fd);
  viewer->state = CLOSED;
  closed++;
}

void begin_frame(struct viewer *viewer, uint32_t sequence, uint64_t captured_at, bool same_track) {
  if (measuring && same_track) skipped += (long)(sequence - viewer->sequence) - 1;
  viewer->sequence = sequence;
  viewer->captured_at = captured_at;
}

static void painted(struct viewer *viewer) {
  protocol->painted(viewer);
  viewer->frames++;
  if (!viewer->counted) viewer->counted = true, first_frames++;
  if (!measuring || viewer >= viewers + viewer_count - stall) return;
  uint64_t now = epoch_us();
  uint64_t age = now > viewer->captured_at ? now - viewer->captured_at : 0;
  uint64_t step = age / AGE_STEP_US;
  ages[step < AGE_STEPS ? step : AGE_STEPS - 1]++;
  age_count++;
  if (age > age_max) age_max = age;
}

/* Take everything off `data` that is whole. Returns the bytes taken. */
static size_t digest(struct viewer *viewer, const uint8_t *data, size_t have) {
  size_t at = 0;
  while (viewer->state == OPEN) {
    if (viewer->rest) {
      size_t part = viewer->rest < have - at ? (size_t)viewer->rest : have - at;
      at += part;
      viewer->rest -= part;
      if (viewer->rest) break;
      if (viewer->frame) painted(viewer);
      continue;
    }
    size_t took = protocol->message(viewer, data + at, have - at);
    if (!took) break;
    at += took;
  }
  return at;
}

static void ask(struct viewer *viewer) {
  char text[512];
  int length = protocol->request(text, sizeof text);
  if (send(viewer->fd, text, (size_t)length, MSG_NOSIGNAL) != length) die("request: %s", strerror(errno));
  viewer->state = ASKING;
  watch(epoll, EPOLL_CTL_MOD, viewer->fd, EPOLLIN, viewer);
}

/* Returns the bytes of the answer's head, 0 while it is not whole. */
static size_t answered(struct viewer *viewer) {
  char *text = (char *)viewer->held;
  text[viewer->have] = 0;
  char *end = strstr(text, "\r\n\r\n");
  if (!end) return 0;
  if (strncmp(text, "HTTP/1.", 7) || atoi(text + 9) != protocol->status)
    die("the server refused a viewer: %.*s", (int)strcspn(text, "\r"), text);
  viewer->state = OPEN;
  opening--;
  protocol->opened(viewer);
  return (size_t)(end - text) + 4;
}

static void receive(struct viewer *viewer) {
  ssize_t got;
  if (viewer->state == OPEN && viewer->rest) {
    size_t most = viewer->rest < INT32_MAX ? (size_t)viewer->rest : INT32_MAX;
    got = recv(viewer->fd, scratch, most < SCRATCH_BYTES || viewer->big ? most : SCRATCH_BYTES,
               viewer->big ? MSG_TRUNC : 0);
    if (got > 0) {
      bytes += (uint64_t)got;
      viewer->rest -= (uint64_t)got;
      if (!viewer->rest && viewer->frame) painted(viewer);
      return;
    }
  } else {
    /* Held bytes are the start of a message: the new ones go behind them. */
    uint8_t *to = scratch;
    size_t room = viewer->big ? protocol->probe_bytes : SCRATCH_BYTES;
    if (viewer->have || viewer->state == ASKING) {
      to = viewer->held + viewer->have;
      room = HELD_BYTES - 1 - viewer->have;
    }
    got = recv(viewer->fd, to, room, 0);
    if (got > 0) {
      bytes += (uint64_t)got;
      const uint8_t *data = scratch;
      size_t have = (size_t)got, took = 0;
      if (to != scratch) {
        viewer->have += have;
        data = viewer->held;
        have = viewer->have;
        if (viewer->state == ASKING && !(took = answered(viewer))) return;
      }
      took += digest(viewer, data + took, have - took);
      viewer->have = have - took;
      if (viewer->have >= HELD_BYTES) die("%zu bytes that are no message", viewer->have);
      if (viewer->have) memmove(viewer->held, data + took, viewer->have);
      return;
    }
  }
  if (got < 0 && errno == EAGAIN) return;
  if (viewer->state == OPEN) leave(viewer, got ? strerror(errno) : "end of stream");
  else die("no answer to a viewer: %s", got ? strerror(errno) : "the server closed the connection");
}

static void open_viewer(struct viewer *viewer) {
  *viewer = (struct viewer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (viewer->fd < 0) die("viewer %ld: %s", (long)(viewer - viewers) + 1, strerror(errno));
  no_delay(viewer->fd);
  struct sockaddr_in address = loopback(port);
  if (connect(viewer->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
    die("port %ld: %s", port, strerror(errno));
  viewer->state = CONNECTING;
  opening++;
  watch(epoll, EPOLL_CTL_ADD, viewer->fd, EPOLLOUT, viewer);
}

static void open_more(void) {
  while (opened < viewer_count && opening < OPENING) open_viewer(&viewers[opened++]);
}

/* One of those who come and go leaves, and comes again. */
static void turn_over(void) {
  struct viewer *viewer = &viewers[viewer_count + churned++ % churn];
  if (viewer->state == CONNECTING || viewer->state == ASKING) opening--;
  if (viewer->state != CLOSED) came++, close(viewer->fd);
  if (viewer->counted) saw++;
  open_viewer(viewer);
}

/* Serve the viewers until the time comes, or until all have their first frame when `all_first`. */
static void run_until(uint64_t end, bool all_first) {
  struct epoll_event events[512];
  for (;;) {
    uint64_t now = steady_us();
    if (now >= end || (all_first && first_frames == viewer_count)) return;
    open_more();
    uint64_t wake = end;
    if (next_churn) {
      for (; next_churn <= now; next_churn += 1000000u / (uint64_t)churn) turn_over();
      if (next_churn < wake) wake = next_churn;
    }
    int ready = epoll_wait(epoll, events, 512, (int)((wake - now) / 1000) + 1);
    for (int i = 0; i < ready; i++) {
      struct viewer *viewer = events[i].data.ptr;
      if (viewer->state != CONNECTING) {
        receive(viewer);
        continue;
      }
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(viewer->fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error) die("port %ld: %s", port, strerror(error));
      ask(viewer);
    }
  }
}

int main(int count, char **words) {
  long patience = 30;
  parse_options(count, words,
                (struct option[]){{"--port", &port, NULL},
                                  {"--camera", NULL, &camera},
                                  {"--track", NULL, &track},
                                  {"--path", NULL, &path},
                                  {"--viewers", &viewer_count, NULL},
                                  {"--window", &window, NULL},
                                  {"--ack-every", &ack_every, NULL},
                                  {"--warmup", &warmup, NULL},
                                  {"--seconds", &seconds, NULL},
                                  {"--stall", &stall, NULL},
                                  {"--stall-after", &stall_after, NULL},
                                  {"--churn", &churn, NULL},
                                  {"--patience", &patience, NULL},
                                  {0}});
  if (viewer_count < 1 || window < 1 || window > MAX_WINDOW || stall >= viewer_count || seconds < 1)
    die("needs a viewer that reads, a window of 1 to %d, and a second", MAX_WINDOW);
  if (ack_every < 1 || ack_every > window) die("--ack-every is 1 to the window, or no more frames come");
  if (churn > 1000 || (churn && !stall)) die("--churn is at most 1000 a second, and goes with --stall");
  if (path) protocol = &multipart;
  raise_file_limit(viewer_count + churn);
  viewers = calloc((size_t)(viewer_count + churn), sizeof *viewers);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (!viewers || epoll < 0) die("no memory for %ld viewers", viewer_count);

  run_until(steady_us() + (uint64_t)patience * 1000000u, true);
  if (first_frames < viewer_count)
    die("%ld of %ld viewers got a frame within %ld s (%ld connected, %ld watching)", first_frames, viewer_count,
        patience, opened - opening, watching);
  run_until(steady_us() + (uint64_t)warmup * 1000000u, false);

  puts("{\"event\":\"measure\"}");
  fflush(stdout);
  begin_phase();
  if (stall) {
    run_until(steady_us() + (uint64_t)stall_after * 1000000u, false);
    end_phase("stalled", viewer_count - stall);
    for (long i = viewer_count - stall; i < viewer_count; i++) {
      if (viewers[i].state == CLOSED) continue;
      watch(epoll, EPOLL_CTL_DEL, viewers[i].fd, 0, NULL);
      viewers[i].state = STALLED;
    }
    begin_phase();
    if (churn) next_churn = steady_us();
  }
  run_until(steady_us() + (uint64_t)seconds * 1000000u, false);
  end_phase("done", viewer_count - stall);
  return 0;
}
