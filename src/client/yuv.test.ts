import fc from "fast-check";
import { expect, test } from "vitest";
import { Yuv } from "./yuv.ts";

function pixel(yuv: Yuv, y: number, u: number, v: number): [number, number, number] {
  const rgb = new Uint32Array(1);
  yuv.convert(Uint8Array.of(y, u, v), 1, 1, rgb);
  const value = rgb[0]!;
  expect(value >>> 24).toBe(255);
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255];
}

test("grey stays grey, black is black and white is white in both ranges", () => {
  expect(pixel(new Yuv(null, true), 0, 128, 128)).toEqual([0, 0, 0]);
  expect(pixel(new Yuv(null, true), 255, 128, 128)).toEqual([255, 255, 255]);
  expect(pixel(new Yuv("bt709", false), 16, 128, 128)).toEqual([0, 0, 0]);
  expect(pixel(new Yuv("bt709", false), 235, 128, 128)).toEqual([255, 255, 255]);
});

test("is what the standards say, to one in 255", () => {
  const any = fc.integer({ min: 0, max: 255 });
  const clamp = (value: number): number => Math.min(255, Math.max(0, value));
  const close = (is: number, wanted: number): void =>
    expect(Math.abs(is - clamp(wanted))).toBeLessThanOrEqual(1);
  fc.assert(
    fc.property(any, any, any, (y, u, v) => {
      const [red, green, blue] = pixel(new Yuv("smpte170m", true), y, u, v);
      close(red, y + 1.402 * (v - 128));
      close(green, y - 0.344136 * (u - 128) - 0.714136 * (v - 128));
      close(blue, y + 1.772 * (u - 128));
      const [limited] = pixel(new Yuv("bt709", false), y, u, v);
      close(limited, (255 / 219) * (y - 16) + 1.5748 * (255 / 224) * (v - 128));
    }),
  );
});

test("four pixels share one colour, at odd edges fewer", () => {
  const rgb = new Uint32Array(9);
  // 3x3: nine of brightness, then 2x2 of each difference.
  const yuv = [...new Uint8Array(9).fill(100), 128, 128, 128, 128, 128, 128, 128, 228];
  new Yuv(null, true).convert(Uint8Array.from(yuv), 3, 3, rgb);
  expect([...rgb].map((value) => value & 255)).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 240]);
});

test("in a picture of any size each pixel is what it would be alone", () => {
  const sides = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(sides, sides, fc.uint8Array({ minLength: 81, maxLength: 81 }), (width, height, yuv) => {
      const rgb = new Uint32Array(width * height);
      const whole = new Yuv("bt709", false);
      whole.convert(yuv, width, height, rgb);
      const half = (width + 1) >> 1;
      const [atU, samples] = [width * height, half * ((height + 1) >> 1)];
      for (const [at, value] of rgb.entries()) {
        const sample = atU + (Math.floor(at / width) >> 1) * half + ((at % width) >> 1);
        const alone = pixel(whole, yuv[at]!, yuv[sample]!, yuv[sample + samples]!);
        expect([value & 255, (value >> 8) & 255, (value >> 16) & 255]).toEqual(alone);
      }
    }),
  );
});
