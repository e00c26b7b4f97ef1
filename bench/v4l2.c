/*
 * A V4L2 camera without a device: a library to start a program with (LD_PRELOAD). /dev/full is then a capture device to it,
 * which gives the JPEG file BENCH_CAMERA as a picture BENCH_RATE times a second, each with a fresh stamp.
 *
 *   BENCH_CAMERA=noise.jpg BENCH_RATE=30 LD_PRELOAD=v4l2.so ustreamer --device /dev/full --format MJPEG --encoder HW
 *
 * What a driver and its hardware do costs the program nothing here: the picture is in every buffer from the beginning, only
 * the stamp is written. The device is a timer, so that select, poll and epoll work on it without this library.
 */
#include "stamp.h"
#include "wire.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

enum { MAX_BUFFERS = 32, PAGE_BYTES = 4096 };

/* It is there on every Linux, is for everybody to read and write, and has a name that is short enough for all. */
static const char device_path[] = "/dev/full";

/* What the program would have called without this library. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The open device, or -1. */
static int device = -1;
static uint8_t *picture;
static uint32_t picture_bytes, buffer_bytes;
static uint32_t rate;
/* The size asked for: the program is told what it wants to hear, the picture is what the file holds. */
static uint32_t width = 1280, height = 720;

static uint8_t *buffers[MAX_BUFFERS];
static uint32_t buffer_count;
/* Buffers that wait for a picture, oldest first. */
static uint32_t queue[MAX_BUFFERS];
static uint32_t queued;

/* When the stream began, and how many pictures ago. */
static uint64_t began_us;
static uint64_t ticks;

static int fail(int error) {
  errno = error;
  return -1;
}

static int open_device(void) {
  struct stat facts;
  const char *file = getenv("BENCH_CAMERA"), *wanted = getenv("BENCH_RATE");
  if (!file) die("BENCH_CAMERA names no JPEG file");
  rate = wanted ? (uint32_t)atoi(wanted) : 0;
  if (rate < 1 || rate > 1000) die("BENCH_RATE is 1 to 1000 frames a second");
  int fd = NEXT(open)(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &facts)) die("%s: %s", file, strerror(errno));
  picture_bytes = (uint32_t)facts.st_size;
  buffer_bytes = (picture_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  free(picture);
  picture = malloc(buffer_bytes);
  if (!picture || read(fd, picture, picture_bytes) != (ssize_t)picture_bytes) die("%s cannot be read", file);
  if (!stamped(picture, picture_bytes)) die("%s has no room for a stamp", file);
  NEXT(close)(fd);
  buffer_count = queued = 0;
  return device = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
}

static int stream(bool on) {
  struct timespec interval = {.tv_sec = rate == 1, .tv_nsec = rate == 1 ? 0 : 1000000000 / rate};
  struct itimerspec every = {interval, interval};
  if (!on) every = (struct itimerspec){0}, queued = 0;
  began_us = steady_us();
  ticks = 0;
  return timerfd_settime(device, 0, &every, NULL);
}

static void describe(struct v4l2_buffer *buffer) {
  buffer->length = buffer_bytes;
  buffer->m.offset = buffer->index * PAGE_BYTES;
  buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_MAPPED;
  buffer->field = V4L2_FIELD_NONE;
}

/* A picture is as old as its tick, however late the program comes for it; pictures that it comes too late for are lost. */
static int dequeue(struct v4l2_buffer *buffer) {
  uint64_t expired;
  if (read(device, &expired, sizeof expired) < 0) return -1;
  ticks += expired;
  if (!queued) return fail(EAGAIN);
  buffer->index = queue[0];
  memmove(queue, queue + 1, --queued * sizeof *queue);
  uint64_t due_us = began_us + ticks * (1000000000 / rate) / 1000, now_us = steady_us();
  write_stamp(buffers[buffer->index], (uint32_t)ticks, epoch_us() - (now_us > due_us ? now_us - due_us : 0));
  describe(buffer);
  buffer->bytesused = picture_bytes;
  buffer->sequence = (uint32_t)ticks;
  buffer->timestamp = (struct timeval){(time_t)(due_us / 1000000), (suseconds_t)(due_us % 1000000)};
  return 0;
}

static int enqueue(const struct v4l2_buffer *buffer) {
  if (buffer->index >= buffer_count || !buffers[buffer->index] || queued == MAX_BUFFERS) return fail(EINVAL);
  queue[queued++] = buffer->index;
  return 0;
}

static int request_buffers(struct v4l2_requestbuffers *request) {
  if (request->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
  if (request->count > MAX_BUFFERS) request->count = MAX_BUFFERS;
  memset(buffers, 0, sizeof buffers);
  buffer_count = request->count;
  queued = 0;
  return 0;
}

static void format(struct v4l2_pix_format *pixels, bool set) {
  if (set && pixels->width && pixels->height) width = pixels->width, height = pixels->height;
  *pixels = (struct v4l2_pix_format){.width = width,
                                     .height = height,
                                     .pixelformat = V4L2_PIX_FMT_MJPEG,
                                     .field = V4L2_FIELD_NONE,
                                     .sizeimage = buffer_bytes,
                                     .colorspace = V4L2_COLORSPACE_JPEG};
}

/* The questions that a program asks a camera; `what` is of the type that goes with `request`. */
static int answer(unsigned long request, void *what) {
  switch (request) {
  case VIDIOC_QUERYCAP: {
    uint32_t able = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    *(struct v4l2_capability *)what = (struct v4l2_capability){
        .driver = "bench", .card = "a JPEG file", .capabilities = able | V4L2_CAP_DEVICE_CAPS, .device_caps = able};
    return 0;
  }
  case VIDIOC_ENUM_FMT: {
    struct v4l2_fmtdesc *description = what;
    if (description->index) return fail(EINVAL);
    description->flags = V4L2_FMT_FLAG_COMPRESSED;
    description->pixelformat = V4L2_PIX_FMT_MJPEG;
    strcpy((char *)description->description, "Motion-JPEG");
    return 0;
  }
  case VIDIOC_G_FMT:
  case VIDIOC_S_FMT:
  case VIDIOC_TRY_FMT:
    format(&((struct v4l2_format *)what)->fmt.pix, request != VIDIOC_G_FMT);
    return 0;
  case VIDIOC_G_PARM:
  case VIDIOC_S_PARM: {
    struct v4l2_captureparm *capture = &((struct v4l2_streamparm *)what)->parm.capture;
    capture->capability = V4L2_CAP_TIMEPERFRAME;
    capture->timeperframe = (struct v4l2_fract){1, rate};
    return 0;
  }
  case VIDIOC_G_INPUT: *(int *)what = 0; return 0;
  case VIDIOC_S_INPUT: return *(int *)what ? fail(EINVAL) : 0;
  case VIDIOC_REQBUFS: return request_buffers(what);
  case VIDIOC_QUERYBUF:
    if (((struct v4l2_buffer *)what)->index >= buffer_count) return fail(EINVAL);
    describe(what);
    return 0;
  case VIDIOC_QBUF: return enqueue(what);
  case VIDIOC_DQBUF: return dequeue(what);
  case VIDIOC_STREAMON: return stream(true);
  case VIDIOC_STREAMOFF: return stream(false);
  default: return fail(ENOTTY);
  }
}

/* From here: the calls of the program. Those that are not about the device go where they would have gone. */

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (strcmp(path, device_path)) return NEXT(open)(path, flags, mode);
  pthread_mutex_lock(&lock);
  int fd = open_device();
  pthread_mutex_unlock(&lock);
  return fd;
}

int close(int fd) {
  if (fd >= 0 && fd == device) device = -1;
  return NEXT(close)(fd);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list more;
  va_start(more, request);
  void *what = va_arg(more, void *);
  va_end(more);
  if (fd < 0 || fd != device) return NEXT(ioctl)(fd, request, what);
  pthread_mutex_lock(&lock);
  int result = answer((uint32_t)request, what);
  pthread_mutex_unlock(&lock);
  return result;
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  if (fd < 0 || fd != device) return NEXT(mmap)(at, length, protection, flags, fd, offset);
  size_t index = (size_t)offset / PAGE_BYTES;
  if (index >= buffer_count || length < picture_bytes) return errno = EINVAL, MAP_FAILED;
  void *buffer = NEXT(mmap)(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (buffer == MAP_FAILED) return buffer;
  pthread_mutex_lock(&lock);
  buffers[index] = memcpy(buffer, picture, picture_bytes);
  pthread_mutex_unlock(&lock);
  return buffer;
}
