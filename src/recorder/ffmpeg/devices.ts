import { AV_LOG_INFO, AV_LOG_QUIET } from "node-av/constants";
import { avGetPixFmtName, Device, Dictionary, FormatContext, InputFormat, Log } from "node-av/lib";

/** FFmpeg's name for the capture devices of this platform: `v4l2`, `avfoundation` or `dshow`. */
export function deviceFormat(): string {
  return Device.getVideoFormat();
}

/** A capture device as the platform lists it. */
export interface RawDevice {
  /** What {@link Input.open} takes. */
  readonly path: string;
  /** For people. */
  readonly name: string;
}

/** One size of a device; `format` is absent where the picture is compressed. */
export interface RawMode {
  readonly format?: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly minRate: number;
  readonly maxRate: number;
}

/** The capture devices of this machine. */
export async function devices(): Promise<RawDevice[]> {
  const found = await Device.list();
  return found
    .filter((device) => device.type === "video")
    .map((device) => ({ path: device.name, name: device.description || device.name }));
}

/** The sizes that the device at `path` gives; none if it cannot be asked. */
export async function modes(path: string): Promise<RawMode[]> {
  const found = await Device.modes(path).catch(() => []);
  return found.map(({ width, height, minFrameRate, maxFrameRate, pixelFormat }) => ({
    format: pixelFormat < 0 ? undefined : (avGetPixFmtName(pixelFormat) ?? undefined),
    width,
    height,
    minRate: minFrameRate,
    maxRate: maxFrameRate,
  }));
}

/** What FFmpeg says when it lists the formats of a V4L2 device; the only way to learn which ones are compressed. */
export async function formatListing(path: string): Promise<string> {
  const text: string[] = [];
  Log.setCallback((_level, message) => text.push(message), { maxLevel: AV_LOG_INFO });
  try {
    const context = new FormatContext();
    context.allocContext();
    const options = Dictionary.fromObject({ list_formats: "all" });
    // It ends with "immediate exit requested" when all are listed.
    await context.openInput(path, InputFormat.findInputFormat("v4l2"), options);
    await context.closeInput();
    // Messages arrive on a later turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    Log.resetCallback();
    Log.setLevel(AV_LOG_QUIET);
  }
  return text.join("\n");
}
