import { describe, expect, test } from "vitest";
import { createSource } from "./create-source.ts";
import { SourceError } from "./frame-source.ts";
import { redact } from "./redact.ts";
import { checkOptions, parseSource } from "./source.ts";

describe("parseSource", () => {
  test.each([
    ["test:", { kind: "test", size: { width: 1280, height: 720 }, rate: 30 }],
    ["test:640x480", { kind: "test", size: { width: 640, height: 480 }, rate: 30 }],
    ["test:16x16@240", { kind: "test", size: { width: 16, height: 16 }, rate: 240 }],
    ["test:7680x4320@1", { kind: "test", size: { width: 7680, height: 4320 }, rate: 1 }],
    ["test:@29.97", { kind: "test", size: { width: 1280, height: 720 }, rate: 29.97 }],
    ["/dev/video7", { kind: "device", path: "/dev/video7" }],
    ["usb:046d:0825:A1B2@1-2", { kind: "usb", plugged: "046d:0825:A1B2@1-2" }],
    ["camera:", { kind: "camera", name: "" }],
    ["camera:FaceTime HD", { kind: "camera", name: "FaceTime HD" }],
    ["http://host/video", { kind: "http", url: "http://host/video" }],
    ["HTTPS://u:p@host:8080/video?x=1", { kind: "http", url: "HTTPS://u:p@host:8080/video?x=1" }],
    ["rtsp://u:p@host/stream", { kind: "url", url: "rtsp://u:p@host/stream" }],
    ["udp://239.0.0.1:1234", { kind: "url", url: "udp://239.0.0.1:1234" }],
    ["file:clip.mp4", { kind: "file", path: "clip.mp4" }],
    ["file:///a/b%20c.mp4", { kind: "file", path: "/a/b c.mp4" }],
    [import.meta.filename, { kind: "file", path: import.meta.filename }],
  ])("%s", (source, expected) => {
    expect(parseSource(source)).toEqual(expected);
  });

  test.each([
    ["", "the source is empty"],
    ["nowhere.mp4", '"nowhere.mp4" is not a source; expected /dev/video0'],
    ["tset:", '"tset:" is not a source'],
    ["rstp://u:secret@host/", '"rstp://u:***@host/" is not a source'],
    [import.meta.dirname, "is no file"],
    ["http://", '"http://" is not a URL'],
    ["file:", "names no file"],
    ["usb:", "expected usb:SERIAL, usb:VENDOR:PRODUCT or usb:PORT"],
    ["test:1280", '"test:1280" is not a test picture; expected test: or test:1280x720@30'],
    ["test:15x16", "expected 16x16 to 7680x4320"],
    ["test:7681x16", "expected 16x16 to 7680x4320"],
    ["test:@0", "expected 1 to 240 frames per second"],
    ["test:@241", "expected 1 to 240 frames per second"],
  ])("refuses %j", (source, message) => {
    expect(() => parseSource(source)).toThrow(SourceError);
    expect(() => parseSource(source)).toThrow(message);
  });
});

test.each([
  [{ size: { width: 8, height: 480 } }, "the size 8x480 is out of range; expected 16x16 to 7680x4320"],
  [{ size: { width: 64.5, height: 48 } }, "the size 64.5x48 is out of range; expected 16x16 to 7680x4320"],
  [{ rate: 0 }, "the rate 0 is out of range; expected 1 to 240 frames per second"],
  [{ rate: Number.NaN }, "the rate NaN is out of range; expected 1 to 240 frames per second"],
  [{ quality: 0 }, "the quality 0 is out of range; expected 1 to 100"],
  [{ quality: 101 }, "the quality 101 is out of range; expected 1 to 100"],
  [{ format: "MJPEG!" }, 'the format "MJPEG!" is not a name; expected one like mjpeg or yuyv422'],
])("options %j are refused", (options, message) => {
  expect(() => checkOptions(options)).toThrow(new SourceError(message));
});

test("options that are right are taken", () => {
  checkOptions({ size: { width: 640, height: 480 }, rate: 15, quality: 100, format: "yuyv422" });
  checkOptions({});
});

test.each([
  ["rtsp://admin:geheim@10.0.0.1:554/x", "rtsp://admin:***@10.0.0.1:554/x"],
  ["rtsp://admin:p@ss@host/x", "rtsp://admin:***@host/x"],
  ["http://host/mjpg?user=me&password=geheim&size=1", "http://host/mjpg?user=me&password=***&size=1"],
  ["http://host/?pwd=geheim#x", "http://host/?pwd=***#x"],
  ["http://host/?token=geheim", "http://host/?token=***"],
  ["http://host/a@b?x=1", "http://host/a@b?x=1"],
  ["cannot open http://u:geheim@h/: gone", "cannot open http://u:***@h/: gone"],
  ["/dev/video0", "/dev/video0"],
])("redact %s", (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test("the label of a source has no password", () => {
  const labels = ["http://u:geheim@host/", "rtsp://u:geheim@host/", "test:", "/dev/video0"].map(
    (source) => createSource(source).label,
  );
  expect(labels).toEqual(["http://u:***@host/", "rtsp://u:***@host/", "test:", "/dev/video0"]);
});
