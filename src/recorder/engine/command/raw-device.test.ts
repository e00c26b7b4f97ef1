import { expect, test } from "vitest";
import { madeOfRaw } from "./raw-device.ts";

test("late pictures of a raw device are left out in front of the work", () => {
  const raw = { options: { input_format: "yuyv422", framerate: "30" }, device: true };
  expect(madeOfRaw(raw, 1.5)?.slice(0, 2)).toEqual([
    "-vf",
    "select='not(between(time(0)-t-(1.500000),0.250,10))',scale=out_range=pc",
  ]);
  const slow = { options: { input_format: "yuyv422", framerate: "5" }, device: true };
  expect(madeOfRaw(slow, -2)?.[1]).toContain("time(0)-t-(-2.000000),0.500,10");
});

test("what is coded, no device or not known is left as it is", () => {
  expect(madeOfRaw({ options: { input_format: "mjpeg" }, device: true }, 0)).toBeUndefined();
  expect(madeOfRaw({ options: { input_format: "yuyv422" } }, 0)).toBeUndefined();
  expect(madeOfRaw({ device: true }, 0)).toBeUndefined();
});
