import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Limits } from "../protocol/index.ts";
import { expectedBesideJpeg, expectedH264, expectedJpeg } from "./expected-track.ts";
import { PICTURE_RUNGS, rungRate, rungSize, stepsDown, VIDEO_RUNGS } from "./rung.ts";

const beside = (width: number, height: number, rate = 30) =>
  expectedBesideJpeg({ name: "jpeg", codec: "jpeg", width, height, rate });

test.each([
  [3840, 2160, "h264 h264-1080p h264-720p h264-540p h264-270p h264-180p", "1080 720 540 270 135"],
  [1920, 1080, "h264 h264-720p h264-540p h264-270p h264-180p", "720 540 270 135"],
  [1280, 720, "h264 h264-540p h264-270p h264-180p", "540 270 135"],
  [640, 480, "h264 h264-270p h264-180p", "270 135"],
  [320, 240, "h264 h264-180p", "135"],
  [160, 120, "h264", ""],
])("a camera of %d x %d has the rungs that are clearly smaller", (width, height, videos, pictures) => {
  const names = beside(width, height).map(({ name }) => name);
  const jpegs = pictures.split(" ").filter(Boolean);
  expect(names).toEqual([...videos.split(" "), ...jpegs.map((lines) => `jpeg-${lines}p`)]);
});

test("a camera whose size is not known has none yet", () => {
  expect(expectedBesideJpeg({ name: "jpeg", codec: "jpeg" }).map(({ name }) => name)).toEqual(["h264"]);
});

test("a rung says what it will be", () => {
  expect(beside(1280, 720)).toEqual([
    { name: "h264", codec: "avc1.64001F", width: 1280, height: 720, rate: 30, bitrate: 4_000_000 },
    { name: "h264-540p", codec: "avc1.64001F", width: 960, height: 540, rate: 30, bitrate: 1_600_000 },
    { name: "h264-270p", codec: "avc1.64001E", width: 480, height: 270, rate: 30, bitrate: 450_000 },
    { name: "h264-180p", codec: "avc1.64001E", width: 320, height: 180, rate: 15, bitrate: 150_000 },
    { name: "jpeg-540p", codec: "jpeg", width: 960, height: 540, rate: 30 },
    { name: "jpeg-270p", codec: "jpeg", width: 480, height: 270, rate: 30 },
    { name: "jpeg-135p", codec: "jpeg", width: 240, height: 134, rate: 30 },
  ]);
});

describe("whatever the camera", () => {
  const side = fc.integer({ min: 16, max: 8640 });
  const rate = fc.integer({ min: 1, max: 240 });

  test("rungs have even sides, its shape, and are smaller", () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        for (const rung of [...VIDEO_RUNGS, ...PICTURE_RUNGS]) {
          const size = rungSize(rung, { width, height });
          expect([size.width % 2, size.height % 2]).toEqual([0, 0]);
          expect(size.height).toBeLessThanOrEqual(Math.max(2, height));
          expect(Math.abs(size.width - (width * size.height) / height)).toBeLessThan(2 + width / height);
          if (stepsDown(rung, { width, height })) expect(size.height).toBeLessThan(height * 0.81);
        }
      }),
    );
  });

  test("there is room for all on the wire, with one of the camera's own", () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        expect(beside(width, height).length + 2).toBeLessThanOrEqual(Limits.MAX_TRACKS_PER_CAMERA);
      }),
    );
  });

  test("each step takes less of the link than the one above", () => {
    fc.assert(
      fc.property(fc.integer({ min: 240, max: 4320 }), rate, (height, fps) => {
        const bits = beside(Math.round((height * 16) / 9), height, fps).flatMap((t) => t.bitrate ?? []);
        for (const [n, bitrate] of bits.entries()) {
          if (n > 0) expect(bitrate / bits[n - 1]!).toBeLessThan(0.8);
        }
      }),
    );
  });

  test("a slow rung takes an even part of the frames, at most 20 a second", () => {
    const slow = VIDEO_RUNGS.at(-1)!;
    expect([60, 30, 25, 20, 15].map((fps) => rungRate(slow, fps))).toEqual([20, 15, 12.5, 20, 15]);
    expect(rungRate(VIDEO_RUNGS[0]!, 60)).toBe(60);
  });
});

test("without rung it is the whole", () => {
  expect(expectedJpeg({ rate: 29.97, size: { width: 5, height: 7 } })).toEqual({
    name: "jpeg",
    codec: "jpeg",
    width: 5,
    height: 7,
    rate: 29.97,
  });
  expect(expectedH264({ size: { width: 161, height: 99 } })).toMatchObject({ width: 160, height: 98 });
});
