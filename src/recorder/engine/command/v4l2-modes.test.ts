import { expect, test } from "vitest";
import { parseListing } from "../format-listing.ts";
import { parseSources } from "./command-devices.ts";
import { parseFormats, reckonModes } from "./v4l2-modes.ts";

test("modes are read from v4l2-ctl", () => {
  const text = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 320x240
			Interval: Discrete 0.200s (5.000 fps)
	[2]: 'Z16 ' (16-bit Depth)
		Size: Discrete 320x240
			Interval: Discrete 0.200s (5.000 fps)
`;
  expect(parseFormats(text)).toEqual([
    { format: "mjpeg", width: 1280, height: 720, rates: [15, 30] },
    { format: "mjpeg", width: 640, height: 480, rates: [30] },
    { format: "yuyv422", width: 320, height: 240, rates: [5] },
  ]);
  expect(parseFormats("Cannot open device /dev/video9, exiting.")).toEqual([]);
});

test("without it rates are reckoned: JPEG is quick, raw pictures as quick as USB carries", () => {
  const listing = [
    "[video4linux2,v4l2 @ 0x5] Compressed:       mjpeg :          Motion-JPEG : 1280x720",
    "[video4linux2,v4l2 @ 0x5] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720",
    "[video4linux2,v4l2 @ 0x5] Raw       : Unsupported :                Depth : 640x480",
  ].join("\n");
  expect(reckonModes(parseListing(listing))).toEqual([
    { format: "mjpeg", width: 1280, height: 720, rates: [30] },
    { format: "yuyv422", width: 640, height: 480, rates: [30] },
    { format: "yuyv422", width: 1280, height: 720, rates: [10] },
  ]);
});

test("devices of other systems are read from what the command lists", () => {
  const text = "Auto-detected sources for avfoundation:\n* 0x14 [FaceTime HD] (video)\n  0x15 [] (none)\n";
  expect(parseSources(text)).toEqual([
    { path: "0x14", name: "FaceTime HD" },
    { path: "0x15", name: "0x15" },
  ]);
});
