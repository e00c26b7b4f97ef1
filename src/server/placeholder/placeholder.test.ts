import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPictures } from "../../../test/support/clip.ts";
import { FRONT } from "../../../test/support/test-server.ts";
import type { CameraInfo, Micros } from "../../protocol/index.ts";
import { isSet } from "./bitmap-font.ts";
import { encodeGreyJpeg } from "./grey-jpeg.ts";
import { placeholder } from "./placeholder.ts";

const GONE: CameraInfo = {
  ...FRONT,
  state: "gone",
  reason: "/dev/video0 is not plugged in",
  lastFrameAt: 1_699_999_990_000_000 as Micros,
};

async function decode(jpeg: Uint8Array) {
  const [luma] = await readPictures([jpeg], "mjpeg");
  return luma!;
}

describe("the encoder", () => {
  test("what a decoder reads is what was drawn, at any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.nat(255)),
        async (width, height, values) => {
          // Blocks of noise beside blocks of one shade: the two ways through the encoder.
          const noise = Uint8Array.from({ length: width * height }, () => values.next().value ?? 0);
          const shades = noise.map((shade, index) => (index % width < width / 2 ? 90 : shade));
          const read = await decode(encodeGreyJpeg({ width, height, shades }));
          expect([read.width, read.height]).toEqual([width, height]);
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const [got, put] = [read.bytes[y * read.stride + x] ?? 0, shades[y * width + x] ?? 0];
              expect(Math.abs(got - put)).toBeLessThanOrEqual(24);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("a placeholder", () => {
  /** The text at a line's first character cells, read back with the font itself. */
  async function reads(jpeg: Uint8Array, text: string): Promise<boolean> {
    const { bytes, stride, width, height } = await decode(jpeg);
    const bright = (x: number, y: number): boolean => (bytes[y * stride + x] ?? 0) > 90;
    const scale = Math.max(1, Math.floor(width / 300));
    const matches = (top: number): boolean =>
      Array.from(text).every((character, index) =>
        [0, 1, 2, 3, 4].every((x) =>
          [0, 1, 2, 3, 4, 5, 6].every((y) => {
            const left = (4 + 6 * index + x) * scale;
            return bright(left + (scale >> 1), top + y * scale + (scale >> 1)) === isSet(character, x, y);
          }),
        ),
      );
    return Array.from({ length: height }, (_, top) => top).some(matches);
  }

  test("says what is wrong, since when, and when the camera was well, in the camera's own size", async () => {
    const jpeg = placeholder(GONE);
    const { width, height } = await decode(jpeg);
    expect([width, height]).toEqual([640, 360]);
    expect(await reads(jpeg, "Front door: /dev/video0 is not plugged in")).toBe(true);
    expect(await reads(jpeg, "since 2023-11-14 22:13:20 UTC")).toBe(true);
    expect(await reads(jpeg, "last picture 2023-11-14 22:13:10 UTC")).toBe(true);
  });

  test.each([
    [[], 640, 360],
    [[{ name: "jpeg", codec: "jpeg", width: 160, height: 120 }], 640, 360],
    [[{ name: "jpeg", codec: "jpeg", width: 1281, height: 723 }], 1281, 723],
  ])("of tracks %j", async (tracks, width, height) => {
    const read = await decode(placeholder({ ...GONE, tracks }));
    expect([read.width, read.height]).toEqual([width, height]);
  });

  test("holds the longest reason, and characters that it has no picture of", async () => {
    const reason = `${"x".repeat(400)} ${"é漢😀 ".repeat(28)}`.slice(0, 512);
    expect((await decode(placeholder({ ...GONE, name: "n".repeat(512), reason }))).width).toBe(640);
  });
});
