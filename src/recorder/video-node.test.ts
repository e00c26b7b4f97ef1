import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findPlugged, isPlugged, stableSource } from "./plugged.ts";
import { videoNodes } from "./video-node.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hello-sysfs-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const XHCI = "sys/devices/pci0000:00/0000:00:14.0";

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${text}\n`);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  mkdirSync(join(root, target), { recursive: true });
  symlinkSync(join(root, target), join(root, path));
}

interface Webcam {
  readonly bus?: number;
  readonly port: string;
  readonly interface?: string;
  readonly serial?: string;
}

/** As the kernel lays it out: node → interface → device → hub → controller. */
function webcam(number: number, { bus = 1, port, interface: face = "1.0", serial }: Webcam, index = 0): void {
  const hub = `${XHCI}/usb${bus}`;
  const device = `${hub}/${bus}-${port}`;
  const usbInterface = `${device}/${bus}-${port}:${face}`;
  write(`${hub}/version`, " 2.00");
  write(`${device}/idVendor`, "046d");
  write(`${device}/idProduct`, "0825");
  if (serial !== undefined) write(`${device}/serial`, serial);
  node(number, usbInterface, index);
  try {
    link(`${usbInterface}/driver`, "sys/bus/usb/drivers/uvcvideo");
    link(`${XHCI}/subsystem`, "sys/bus/pci");
  } catch {
    // A second node of the same device.
  }
}

function node(number: number, device: string, index = 0): void {
  const folder = `${device}/video4linux/video${number}`;
  write(`${folder}/name`, "HD Webcam: HD We");
  write(`${folder}/index`, String(index));
  write(`${folder}/dev`, `81:${number}`);
  link(`${folder}/device`, device);
  link(`sys/class/video4linux/video${number}`, folder);
}

describe("videoNodes", () => {
  test("tells what a webcam is and where it is plugged in; its metadata node is no camera", () => {
    webcam(10, { port: "2.3", serial: "A1B2" });
    webcam(11, { port: "2.3", serial: "A1B2" }, 1);
    expect(videoNodes(root)).toEqual([
      {
        path: "/dev/video10",
        name: "HD Webcam",
        link: undefined,
        usb: {
          vendor: "046d",
          product: "0825",
          serial: "A1B2",
          port: "1-2.3",
          place: "pci-0000:00:14.0-usbv2-0:2.3",
          interface: "1.0",
        },
      },
    ]);
  });

  test("is in the order of numbers, not of letters", () => {
    webcam(10, { port: "1" });
    webcam(9, { port: "2" });
    expect(videoNodes(root).map(({ path }) => path)).toEqual(["/dev/video9", "/dev/video10"]);
  });

  test("takes udev's word where it has one, and its link", () => {
    node(0, "sys/devices/platform/isp");
    write("run/udev/data/c81:0", "I:1\nE:ID_V4L_CAPABILITIES=:video_output:");
    node(1, "sys/devices/platform/csi");
    write("run/udev/data/c81:1", "E:ID_V4L_CAPABILITIES=:capture:");
    write("dev/video1", "");
    mkdirSync(join(root, "dev/v4l/by-path"), { recursive: true });
    symlinkSync("../../video1", join(root, "dev/v4l/by-path/platform-csi-video-index0"));
    const [camera, ...others] = videoNodes(root);
    expect(others).toEqual([]);
    expect(camera?.usb).toBeUndefined();
    expect(stableSource(camera!, [camera!])).toBe("/dev/v4l/by-path/platform-csi-video-index0");
  });

  test("a machine without any", () => {
    expect(videoNodes(root)).toEqual([]);
  });
});

describe("usb: sources", () => {
  const find = (wanted: string): string => findPlugged(wanted, videoNodes(root)).path;

  test.each([
    "A1B2",
    "046d:0825",
    "046D:0825",
    "046d:0825:A1B2",
    "1-2.3",
    "pci-0000:00:14.0-usbv2-0:2.3",
    "1-2.3:1.0",
  ])("%s finds the camera under any number", (wanted) => {
    webcam(4, { port: "2.3", serial: "A1B2" });
    expect(find(wanted)).toBe("/dev/video4");
  });

  test("a bus with another number after a restart is the same place", () => {
    webcam(0, { bus: 3, port: "2" });
    expect(find("pci-0000:00:14.0-usbv2-0:2")).toBe("/dev/video0");
  });

  test("two identical cameras stay apart by their ports", () => {
    webcam(0, { port: "1", serial: "0001" });
    webcam(2, { port: "2", serial: "0001" });
    expect(isPlugged("0001", videoNodes(root))).toBe(true);
    expect(isPlugged("0002", videoNodes(root))).toBe(false);
    expect(() => find("0001")).toThrow(
      '"usb:0001" is more than one camera: expected its port, usb:pci-0000:00:14.0-usbv2-0:1 or usb:pci-0000:00:14.0-usbv2-0:2',
    );
    expect(find("046d:0825:0001@1-2")).toBe("/dev/video2");
    const nodes = videoNodes(root);
    expect(nodes.map((camera) => find(stableSource(camera, nodes).slice("usb:".length)))).toEqual([
      "/dev/video0",
      "/dev/video2",
    ]);
  });

  test("a serial is found at another port too", () => {
    webcam(0, { port: "4", serial: "A1B2" });
    expect(find("046d:0825:A1B2@pci-0000:00:14.0-usbv2-0:1")).toBe("/dev/video0");
  });

  test("a device with two cameras has two names", () => {
    webcam(0, { port: "1", serial: "A1B2" });
    webcam(2, { port: "1", serial: "A1B2", interface: "1.2" });
    const nodes = videoNodes(root);
    expect(nodes.map((camera) => stableSource(camera, nodes))).toEqual([
      "usb:046d:0825:A1B2@pci-0000:00:14.0-usbv2-0:1",
      "usb:pci-0000:00:14.0-usbv2-0:1:1.2",
    ]);
    expect(find("A1B2")).toBe("/dev/video0");
    expect(find("pci-0000:00:14.0-usbv2-0:1:1.2")).toBe("/dev/video2");
  });

  test("a serial that no source can hold is not used", () => {
    webcam(0, { port: "1", serial: "a b#c" });
    const nodes = videoNodes(root);
    expect(stableSource(nodes[0]!, nodes)).toBe("usb:pci-0000:00:14.0-usbv2-0:1");
  });

  test("one that is not there says what is", () => {
    webcam(0, { port: "1" });
    expect(() => find("A1B2")).toThrow(
      'no camera "usb:A1B2" is plugged in; there are usb:pci-0000:00:14.0-usbv2-0:1',
    );
  });
});
