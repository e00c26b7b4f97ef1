import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCameraId } from "../protocol/index.ts";
import { CameraRoster, idOf } from "./camera-roster.ts";

const device = (name: string, source: string): { name: string; source: string } => ({ name, source });
const A = device("HD Webcam", "usb:046d:0825:A@pci-usbv2-0:1");
const B = device("HD Webcam", "usb:046d:0825:B@pci-usbv2-0:2");

describe("ids", () => {
  test.each([
    ["HD Pro Webcam C920", "hd-pro-webcam-c920"],
    ["Caméra (frontale)", "camera-frontale"],
    ["摄像头", "camera"],
    ["/dev/video0", "dev-video0"],
  ])("%s is %s", (name, id) => {
    expect(idOf(name)).toBe(id);
  });

  test("any name makes an id", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (name) => isCameraId(idOf(name))));
  });

  test("namesakes have the same ids in whichever order they are found", () => {
    const ids = (devices: (typeof A)[]): Map<string, string> =>
      new Map(new CameraRoster({}).admit(devices).map(({ source, id }) => [source, id]));
    const found = ids([A, B]);
    expect(new Set(found.values()).size).toBe(2);
    for (const id of found.values()) expect(id).toMatch(/^hd-webcam-[0-9a-f]{4}$/);
    expect(ids([B, A])).toEqual(found);
  });
});

describe("who is who", () => {
  test("a camera is admitted once, with the settings of all", () => {
    const roster = new CameraRoster({ rate: 5 });
    expect(roster.admit([A])).toEqual([{ rate: 5, id: "hd-webcam", name: "HD Webcam", source: A.source }]);
    expect(roster.admit([A])).toEqual([]);
    expect(roster.admit([])).toEqual([]);
    expect(roster.admit([A])).toEqual([]);
  });

  test("one that moved to another port is the same camera", () => {
    const roster = new CameraRoster({});
    roster.admit([A]);
    const moved = device(A.name, "usb:046d:0825:A@pci-usbv2-0:9");
    expect(roster.admit([moved])).toEqual([]);
  });

  test("a twin with the same serial is another camera while the first is where it was", () => {
    const roster = new CameraRoster({});
    roster.admit([A]);
    const twin = device(A.name, "usb:046d:0825:A@pci-usbv2-0:9");
    const [found] = roster.admit([A, twin]);
    expect(found?.id).toMatch(/^hd-webcam-[0-9a-f]{4}$/);
    expect(roster.admit([A, twin])).toEqual([]);
  });
});
