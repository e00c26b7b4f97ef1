import { now } from "../protocol/index.ts";
import { captureTime, monotonicMicros } from "./capture-time.ts";
import { deviceModes, listDevices } from "./devices.ts";
import { failure } from "./failure.ts";
import type * as Ffmpeg from "./ffmpeg.ts";
import { type Capture, type FrameSource, SourceError } from "./frame-source.ts";
import type { Feed } from "./media-capture.ts";
import { chooseMode, type Request } from "./mode.ts";
import { findPlugged } from "./plugged.ts";
import type { SourceOptions } from "./source.ts";
import { videoNodes } from "./video-node.ts";

/** A camera that gives nothing for so long has stalled, in ms; slow ones have two and a half of their intervals. */
const STALL_MS = 2000;
/** The first frame takes longer: lamps, lenses and exposure have to settle. In ms. */
const FIRST_FRAME_MS = 5000;
/** How often a device is asked, in ms. Asking costs a system call; waiting inside the driver could last for ever. */
const POLL_MS = 2;

/** Which device: its path, a name or number to look for (the empty name is the first), or what stands behind `usb:`. */
export type DeviceChoice =
  | { readonly path: string }
  | { readonly name: string }
  | { readonly plugged: string };

/** A camera of this machine: V4L2 on Linux, AVFoundation on macOS, DirectShow on Windows. */
export class DeviceSource implements FrameSource {
  readonly label: string;
  readonly #choice: DeviceChoice;
  readonly #options: SourceOptions;

  constructor(label: string, choice: DeviceChoice, options: SourceOptions) {
    this.label = label;
    this.#choice = choice;
    this.#options = options;
  }

  async open(signal: AbortSignal): Promise<Capture> {
    const Ffmpeg = await import("./ffmpeg.ts");
    const { MediaCapture } = await import("./media-capture.ts");
    const path = await locate(this.#choice);
    try {
      const input = await this.#openInput(Ffmpeg, path, signal);
      return new MediaCapture({
        input,
        feed: new DeviceFeed(input),
        label: this.label,
        device: true,
        options: { quality: this.#options.quality, encoder: this.#options.encoder },
      });
    } catch (error) {
      throw failure(`cannot open ${this.label}`, error);
    }
  }

  async #openInput(engine: typeof Ffmpeg, path: string, signal: AbortSignal): Promise<Ffmpeg.Input> {
    const format = engine.deviceFormat();
    const url = format === "dshow" ? `video=${path}` : path;
    const open = (request: Request): Promise<Ffmpeg.Input> =>
      engine.Input.open(url, { format, options: inputOptions(format, request), device: true }, signal);
    const request = chooseMode(await deviceModes(path), this.#options);
    // V4L2 gives the nearest that it has. The others refuse what is not exact: then they choose what is left open.
    if (format === "v4l2") return open(request);
    const { size, rate, format: asked } = this.#options;
    return open(request).catch(() => open({ format: asked, width: size?.width, height: size?.height, rate }));
  }
}

async function locate(choice: DeviceChoice): Promise<string> {
  if ("path" in choice) return choice.path;
  return "plugged" in choice ? findPlugged(choice.plugged, videoNodes()).path : find(choice.name);
}

/** The path of the device that `name` means: its number, its name, or a part of its name. */
async function find(name: string): Promise<string> {
  const devices = await listDevices();
  if (devices.length === 0) throw new SourceError("there is no camera on this machine");
  const wanted = name.toLowerCase();
  const byNumber = /^\d*$/.test(name) ? devices[Number(name)] : undefined;
  const found =
    byNumber ??
    devices.find((device) => device.name.toLowerCase() === wanted) ??
    devices.find((device) => device.name.toLowerCase().includes(wanted));
  if (found === undefined) {
    const names = devices.map((device) => `"${device.name}"`).join(", ");
    throw new SourceError(`there is no camera "${name}" on this machine; there are ${names}`);
  }
  return found.path;
}

/** What each platform calls the parts of a request. */
function inputOptions(platform: string, request: Request): Record<string, string> {
  const { format, width, height, rate } = request;
  const options: Record<string, string> = {};
  if (width !== undefined && height !== undefined) options["video_size"] = `${width}x${height}`;
  if (rate !== undefined) options["framerate"] = `${rate}`;
  if (format !== undefined) {
    const compressed = format === "mjpeg";
    if (platform === "v4l2") options["input_format"] = format;
    else if (platform === "dshow" && compressed) options["vcodec"] = format;
    else if (!compressed) options["pixel_format"] = format;
  }
  return options;
}

/** Asks a device for packets again and again, so that it can be left at any time. */
class DeviceFeed implements Feed {
  readonly #input: Ffmpeg.Input;
  readonly #stallMs: number;
  #deadlineMs = performance.now() + FIRST_FRAME_MS;
  #patienceMs = FIRST_FRAME_MS;

  constructor(input: Ffmpeg.Input) {
    this.#input = input;
    this.#stallMs = Math.max(STALL_MS, 2500 / (input.video.rate ?? 30));
  }

  async next(signal: AbortSignal): Promise<Ffmpeg.Packet | undefined> {
    while (!signal.aborted) {
      const packet = this.#input.readNow();
      const nowMs = performance.now();
      if (packet !== undefined) {
        this.#patienceMs = this.#stallMs;
        this.#deadlineMs = nowMs + this.#stallMs;
        return packet;
      }
      if (nowMs > this.#deadlineMs) throw new SourceError(`no frame for ${this.#patienceMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return undefined;
  }

  capturedAt(stampMicros: number | undefined): ReturnType<typeof now> {
    return captureTime(stampMicros, { monotonicMicros: monotonicMicros(), now: now() });
  }
}
