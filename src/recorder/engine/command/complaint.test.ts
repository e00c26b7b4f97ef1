import { constants } from "node:os";
import { expect, test } from "vitest";
import { complaint } from "./complaint.ts";

test.each([
  [
    [
      "[info] Input",
      "[video4linux2,v4l2 @ 0x55] [error] Cannot open video device /dev/video9: No such file or directory",
    ],
    "no such file or directory",
  ],
  [
    [
      "[tcp @ 0x5] [error] Connection to tcp://127.0.0.1:1?timeout=0 failed: Connection refused",
      "[error] rtsp://u:p@h/x: Connection refused",
    ],
    "connection refused",
  ],
  [
    [
      "[in#0 @ 0x5] [error] Error opening input: Permission denied",
      "[error] Error opening input file /dev/video0.",
      "[fatal] Error opening input files: Permission denied",
    ],
    "permission denied",
  ],
  [
    [
      "[rtsp @ 0x5] [error] method DESCRIBE failed: 401 Unauthorized",
      "[error] rtsp://h/x: Server returned 401 Unauthorized (authorization failed)",
    ],
    "server returned 401 Unauthorized (authorization failed)",
  ],
  [
    [
      "[tcp @ 0x5] [error] Failed to resolve hostname nowhere: Name or service not known",
      "[error] rtsp://nowhere/x: Input/output error",
    ],
    "name or service not known",
  ],
  [["[vost#0:0/libx264 @ 0x5] [fatal] Unknown encoder 'libx264'"], "unknown encoder 'libx264'"],
  [["[fatal] Stream map '0:V:0' matches no streams."], "it has no video"],
  [["[error] something that nobody knows"], "something that nobody knows"],
  [["[warning] Connection refused"], "ffmpeg has ended without a reason"],
  [[], "ffmpeg has ended without a reason"],
])("%j", (lines, sentence) => {
  expect(complaint(lines).message).toBe(sentence);
});

test("of a device that is in use it is known by more than words", () => {
  const busy = complaint([
    "[video4linux2,v4l2 @ 0x5] [error] ioctl(VIDIOC_STREAMON): Device or resource busy",
  ]);
  expect(busy).toMatchObject({ message: "device or resource busy", code: -constants.errno.EBUSY });
});
