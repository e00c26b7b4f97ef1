import type { Mode } from "./mode.ts";
import { stableSource } from "./plugged.ts";
import { type UsbIdentity, type VideoNode, videoNodes } from "./video-node.ts";

/** A capture device that can be opened. */
export interface CaptureDevice {
  /**
   * What to write as the source of a camera, and it means the same camera under another number: `usb:046d:0825:A1B2@…`,
   * `camera:FaceTime HD`; `/dev/video0` for one that tells nothing of itself.
   */
  readonly source: string;
  /** What FFmpeg opens: `/dev/video0` until it is plugged in again. */
  readonly path: string;
  /** On USB, where the system tells. */
  readonly usb?: UsbIdentity | undefined;
  /** For people. */
  readonly name: string;
  /** The ways in which it gives its picture; none if it could not be asked. */
  readonly modes: readonly Mode[];
}

/** The capture devices of this machine, in the order of the platform: the first is the default. */
export async function listDevices(): Promise<CaptureDevice[]> {
  const Ffmpeg = await import("./ffmpeg.ts");
  const nodes = videoNodes();
  const found: CaptureDevice[] = [];
  for (const { path, name } of await Ffmpeg.devices()) {
    found.push({ name, ...identify(path, nodes), path, modes: await deviceModes(path) });
  }
  return found;
}

function identify(
  path: string,
  nodes: readonly VideoNode[],
): Partial<CaptureDevice> & { readonly source: string } {
  const node = nodes.find((candidate) => candidate.path === path);
  if (node !== undefined) return { source: stableSource(node, nodes), name: node.name, usb: node.usb };
  return { source: path.startsWith("/dev/") ? path : `camera:${path}` };
}

/** The ways in which the device at `path` gives its picture; none if it cannot be asked. */
export async function deviceModes(path: string): Promise<Mode[]> {
  const Ffmpeg = await import("./ffmpeg.ts");
  const raw = await Ffmpeg.modes(path);
  // V4L2 says of compressed modes only that they are; FFmpeg's own listing has their names.
  const unnamed = raw.some((mode) => mode.format === undefined) && Ffmpeg.deviceFormat() === "v4l2";
  const compressed = unnamed ? parseListing(await Ffmpeg.formatListing(path)) : [];
  const modes = raw.flatMap(({ format, width, height, minRate, maxRate }): Mode[] => {
    const rates = minRate === maxRate ? [maxRate] : [minRate, maxRate];
    const names = format === undefined ? namesFor(compressed, `${width}x${height}`) : [format];
    return names.map((name) => ({ format: name, width, height, rates }));
  });
  const keys = modes.map((mode) => JSON.stringify(mode));
  return modes.filter((_mode, index) => keys.indexOf(keys[index] ?? "") === index);
}

/** A compressed format of a device and its sizes, as `1280x720`. */
interface Compressed {
  readonly format: string;
  readonly sizes: readonly string[];
}

/** The compressed formats in FFmpeg's listing: `Compressed: mjpeg : Motion-JPEG : 1280x720 640x480`. */
export function parseListing(text: string): Compressed[] {
  const entries = text.split(/(?=\b(?:Compressed|Raw {7}):)/);
  return entries.flatMap((entry): Compressed[] => {
    const [kind, format = "", ...rest] = entry.split(":");
    if (kind?.trim() !== "Compressed") return [];
    return [{ format: format.trim(), sizes: rest.at(-1)?.match(/\d+x\d+/g) ?? [] }];
  });
}

// A format that FFmpeg has no name for cannot be opened.
function namesFor(compressed: readonly Compressed[], size: string): string[] {
  return compressed
    .filter(({ format, sizes }) => sizes.includes(size) && /^[a-z]/.test(format))
    .map(({ format }) => format);
}
