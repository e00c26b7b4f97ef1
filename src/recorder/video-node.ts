import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The USB device behind a {@link VideoNode}. */
export interface UsbIdentity {
  /** Four hex digits. */
  readonly vendor: string;
  /** Four hex digits. */
  readonly product: string;
  /** As the device tells it. Cheap cameras have none, or all the same. */
  readonly serial?: string | undefined;
  /** Where it is plugged in, as the kernel calls it: `1-2.3`. Buses may be numbered otherwise after a restart. */
  readonly port: string;
  /** Where it is plugged in, the same after every restart: `pci-0000:00:14.0-usbv2-0:2.3`, as udev spells it. */
  readonly place: string;
  /** Configuration and interface: `1.0`. A device with two cameras has two. */
  readonly interface: string;
}

/** One `/dev/videoN` as the kernel tells of it. */
export interface VideoNode {
  /** `/dev/video0`. */
  readonly path: string;
  /** For people. */
  readonly name: string;
  /** Absent: not on USB. */
  readonly usb?: UsbIdentity | undefined;
  /** A link that udev made, the same after every restart: `/dev/v4l/by-path/…`. */
  readonly link?: string | undefined;
}

/**
 * The nodes of this machine that give pictures, in the order of their numbers. Only files are read, no device is opened. `root`: where `sys`,
 * `dev` and `run` are.
 */
export function videoNodes(root = "/"): VideoNode[] {
  const links = byPath(root);
  const nodes = list(join(root, "sys/class/video4linux")).flatMap((file) => {
    const number = /^video(\d+)$/.exec(file)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return nodes
    .sort((a, b) => a - b)
    .flatMap((number) => {
      const folder = join(root, `sys/class/video4linux/video${number}`);
      if (!givesPictures(root, folder)) return [];
      const path = `/dev/video${number}`;
      const device = real(join(folder, "device"));
      return [
        {
          path,
          name: withoutEcho(text(join(folder, "name")) ?? path),
          usb: device === undefined ? undefined : usbIdentity(device),
          link: links.get(basename(path)),
        },
      ];
    });
}

// uvcvideo says a webcam's name twice, as far as 31 characters go: `HD Webcam: HD Web`.
function withoutEcho(name: string): string {
  const [first = name, ...rest] = name.split(": ");
  return rest.length > 0 && first.startsWith(rest.join(": ")) ? first : name;
}

/** A webcam has a second node for metadata, and codecs have nodes too: none of them is a camera. */
function givesPictures(root: string, folder: string): boolean {
  const number = text(join(folder, "dev"));
  const udev = number === undefined ? undefined : text(join(root, `run/udev/data/c${number}`));
  const capabilities = /^E:ID_V4L_CAPABILITIES=(.*)$/m.exec(udev ?? "")?.[1];
  if (capabilities !== undefined) return capabilities.includes(":capture:");
  // Without udev: uvcvideo makes two nodes for each stream of pictures, the one for metadata second.
  const driver = real(join(folder, "device/driver"));
  const index = Number(text(join(folder, "index")) ?? "0");
  return driver === undefined || basename(driver) !== "uvcvideo" || index % 2 === 0;
}

/** `device`: folder of a USB interface, as in `…/0000:00:14.0/usb1/1-2/1-2:1.0`; all others have no identity here. */
function usbIdentity(device: string): UsbIdentity | undefined {
  const [port, usbInterface] = basename(device).split(":");
  if (port === undefined || usbInterface === undefined || !/^\d+-[\d.]+$/.test(port)) return undefined;
  const plugged = dirname(device);
  const vendor = text(join(plugged, "idVendor"));
  const product = text(join(plugged, "idProduct"));
  if (vendor === undefined || product === undefined) return undefined;
  const serial = text(join(plugged, "serial"));
  const usb = { vendor, product, serial, port, interface: usbInterface };
  return { ...usb, place: place(plugged, port) ?? port };
}

/** Controller and ports, without the number of the bus: that one depends on which controller was found first. */
function place(plugged: string, port: string): string | undefined {
  let hub = plugged;
  while (!/^usb\d+$/.test(basename(hub))) {
    if (hub === dirname(hub)) return undefined;
    hub = dirname(hub);
  }
  const controller = dirname(hub);
  const kind = basename(real(join(controller, "subsystem")) ?? "bus");
  // A port of USB 2 and one of USB 3 may have the same number.
  const version = Number.parseInt(text(join(hub, "version")) ?? "2", 10);
  return `${kind}-${basename(controller)}-usbv${version}-0:${port.slice(port.indexOf("-") + 1)}`;
}

/** The links of udev, by the name of the node that they lead to. */
function byPath(root: string): Map<string, string> {
  const folder = join(root, "dev/v4l/by-path");
  const links = new Map<string, string>();
  for (const name of list(folder)) {
    const target = real(join(folder, name));
    // udev links USB cameras twice; the first is enough.
    if (target !== undefined && !links.has(basename(target))) {
      links.set(basename(target), `/dev/v4l/by-path/${name}`);
    }
  }
  return links;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

// What is unplugged while it is read is not there.
function text(file: string): string | undefined {
  try {
    const read = readFileSync(file, "utf8").trim();
    return read === "" ? undefined : read;
  } catch {
    return undefined;
  }
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
