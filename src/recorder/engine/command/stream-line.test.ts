import { expect, test } from "vitest";
import { readStreamLine } from "./stream-line.ts";

test.each([
  [
    "[info]   Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 1280x720 [SAR 1:1 DAR 16:9], 441 kb/s, 29.97 fps, 30 tbr, 15360 tbn (default)",
    { codec: "h264", rate: 29.97, matrix: "bt709" },
  ],
  [
    "[info]   Stream #0:0: Video: rawvideo (I420 / 0x30323449), yuv420p(pc, bt470bg/unknown/unknown, progressive), 640x480, q=2-31, 110592 kb/s, 1000k fps, 1000k tbn",
    { codec: "rawvideo", rate: undefined, matrix: "bt470bg" },
  ],
  [
    "[info]   Stream #0:0: Video: mjpeg (Baseline), yuvj422p(pc), 1280x720, 30 fps, 30 tbr, 1000k tbn",
    { codec: "mjpeg", rate: 30, matrix: undefined },
  ],
  [
    "[info]   Stream #0:0: Video: hevc, none, 90k tbr, 90k tbn",
    { codec: "hevc", rate: undefined, matrix: undefined },
  ],
  ["[info]   Stream #0:1: Audio: aac, 44100 Hz, stereo, fltp, 30 fps", undefined],
  ["[info]   Stream #0:0 -> #0:0 (copy)", undefined],
])("%s", (line, facts) => {
  expect(readStreamLine(line)).toEqual(facts);
});
