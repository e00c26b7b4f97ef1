import { AV_LOG_INFO, AV_LOG_QUIET } from "node-av/constants";
import { avGetPixFmtName, Device, Dictionary, FormatContext, InputFormat, Log } from "node-av/lib";
import { type Mode, withoutRepetition } from "../../mode.ts";
import type { RawDevice } from "../engine.ts";
import { compressedAt, parseListing } from "../format-listing.ts";

/** FFmpeg's name for the capture devices of this platform: `v4l2`, `avfoundation` or `dshow`. */
export function deviceFormat(): string {
  return Device.getVideoFormat();
}

/** The capture devices of this machine. */
export async function devices(): Promise<RawDevice[]> {
  const found = await Device.list();
  return found
    .filter((device) => device.type === "video")
    .map((device) => ({ path: device.name, name: device.description || device.name }));
}

/** The ways in which the device at `path` gives its picture; none if it cannot be asked. */
export async function modes(path: string): Promise<Mode[]> {
  const raw = await Device.modes(path).catch(() => []);
  // V4L2 says of compressed modes only that they are; FFmpeg's own listing has their names.
  const unnamed = raw.some(({ pixelFormat }) => pixelFormat < 0) && deviceFormat() === "v4l2";
  const formats = unnamed ? parseListing(await formatListing(path)) : [];
  const found = raw.flatMap(({ width, height, minFrameRate, maxFrameRate, pixelFormat }): Mode[] => {
    const rates = minFrameRate === maxFrameRate ? [maxFrameRate] : [minFrameRate, maxFrameRate];
    const name = pixelFormat < 0 ? undefined : avGetPixFmtName(pixelFormat);
    const names = name == null ? compressedAt(formats, { width, height }) : [name];
    return names.map((format) => ({ format, width, height, rates }));
  });
  return withoutRepetition(found);
}

// What FFmpeg says when it lists the formats of a V4L2 device; the only way to learn which ones are compressed.
async function formatListing(path: string): Promise<string> {
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
