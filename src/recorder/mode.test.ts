import { describe, expect, test } from "vitest";
import type { Size } from "../codec/index.ts";
import { parseListing } from "./engine/format-listing.ts";
import { chooseMode, type Mode } from "./mode.ts";

function mode(format: string, size: string, ...rates: number[]): Mode {
  const [width = 0, height = 0] = size.split("x").map(Number);
  return { format, width, height, rates };
}

// A usual webcam: raw pictures are slow where they are large, JPEG is not.
const WEBCAM = [
  mode("yuyv422", "640x480", 5, 30),
  mode("yuyv422", "1280x720", 5, 10),
  mode("yuyv422", "1920x1080", 5),
  mode("mjpeg", "640x480", 5, 30),
  mode("mjpeg", "1280x720", 5, 30),
  mode("mjpeg", "1920x1080", 5, 30),
];

describe("chooseMode", () => {
  test("takes the largest size up to 1280x720 at 30/s, as JPEG", () => {
    expect(chooseMode(WEBCAM, {})).toEqual({ format: "mjpeg", width: 1280, height: 720, rate: 30 });
  });

  test("takes a smaller size where the large one is slow", () => {
    const raw = WEBCAM.filter(({ format }) => format === "yuyv422");
    expect(chooseMode(raw, {})).toEqual({ format: "yuyv422", width: 640, height: 480, rate: 30 });
  });

  test("takes the best rate where none is fluent", () => {
    const slow = [mode("yuyv422", "1280x720", 1, 5), mode("yuyv422", "640x480", 1, 15)];
    expect(chooseMode(slow, {})).toEqual({ format: "yuyv422", width: 640, height: 480, rate: 15 });
  });

  test("takes 25/s for as good as 30/s", () => {
    const pal = [mode("nv12", "640x360", 30), mode("nv12", "640x480", 25)];
    expect(chooseMode(pal, {})).toEqual({ format: "nv12", width: 640, height: 480, rate: 25 });
  });

  test("prefers what costs least to encode", () => {
    const same = ["rgb24", "yuyv422", "nv12"].map((format) => mode(format, "640x480", 30));
    expect(chooseMode(same, {})).toMatchObject({ format: "nv12" });
  });

  test("takes what was asked for, and chooses the rest", () => {
    expect(chooseMode(WEBCAM, { size: { width: 1920, height: 1080 } })).toMatchObject({
      format: "mjpeg",
      width: 1920,
      rate: 30,
    });
    expect(chooseMode(WEBCAM, { format: "yuyv422", size: { width: 1280, height: 720 } })).toMatchObject({
      format: "yuyv422",
      rate: 10,
    });
    expect(chooseMode(WEBCAM, { rate: 15 })).toMatchObject({ format: "mjpeg", width: 1280, rate: 15 });
  });

  test("asks for what the device does not list: its driver knows better", () => {
    const size = { width: 800, height: 600 };
    expect(chooseMode(WEBCAM, { size })).toEqual({
      width: 800,
      height: 600,
      format: undefined,
      rate: undefined,
    });
    expect(chooseMode([], {})).toEqual({});
  });

  test("takes the smallest of a device with nothing small", () => {
    const large = [mode("mjpeg", "3840x2160", 30), mode("mjpeg", "1920x1080", 30)];
    expect(chooseMode(large, {})).toMatchObject({ width: 1920, height: 1080 });
  });

  test("leaves H.264 alone", () => {
    expect(chooseMode([mode("h264", "1280x720", 30), mode("mjpeg", "640x480", 30)], {})).toMatchObject({
      format: "mjpeg",
    });
  });
});

test("the listing of FFmpeg names the compressed formats", () => {
  const listing = [
    "Compressed:       mjpeg :          Motion-JPEG :",
    " 1280x720",
    " 640x480",
    "",
    "Raw       :     yuyv422 :           YUYV 4:2:2 :",
    " 320x240",
    "",
    "Compressed:        h264 :                H.264 : 1920x1080",
    "Compressed: Unsupported :                  Odd : 1x1",
  ].join("\n");
  const size = (width: number, height: number): Size => ({ width, height });
  expect(parseListing(listing)).toEqual([
    { format: "mjpeg", compressed: true, sizes: [size(1280, 720), size(640, 480)] },
    { format: "yuyv422", compressed: false, sizes: [size(320, 240)] },
    { format: "h264", compressed: true, sizes: [size(1920, 1080)] },
    { format: "Unsupported", compressed: true, sizes: [size(1, 1)] },
  ]);
});
