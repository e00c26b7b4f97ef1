import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";
import { now } from "../protocol/index.ts";
import { captureTime, monotonicMicros } from "./capture-time.ts";
import { deviceHolder } from "./device-holder.ts";
import { DeviceWatchdog } from "./device-watchdog.ts";
import { listDevices } from "./devices.ts";
import type * as Engine from "./engine/engine.ts";
import { failure } from "./failure.ts";
import { type Capture, type FrameSource, type SourceControls, SourceError } from "./frame-source.ts";
import { FrozenPicture } from "./frozen-picture.ts";
import type { Feed } from "./media-capture.ts";
import { chooseMode, type Request } from "./mode.ts";
import { openMedia } from "./open-media.ts";
import { findPlugged, isPlugged } from "./plugged.ts";
import type { SourceOptions } from "./source.ts";
import { V4l2Controls } from "./v4l2-controls.ts";
import { videoNodes } from "./video-node.ts";

/**
 * A picture that has been the same for so long is frozen, in ms. In the dark some cameras are still for a while: what the
 * driver smooths away, no sensor shows.
 */
const FROZEN_MS = 30_000;
/** A device that gives only damaged frames for so long has stalled, in ms. */
const SILENCE_MS = 5000;
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
  readonly #frozen: FrozenPicture | undefined;
  #startMs = 0;

  constructor(label: string, choice: DeviceChoice, options: SourceOptions) {
    this.label = label;
    this.#choice = choice;
    this.#options = options;
    const { frozen } = options;
    this.#frozen =
      frozen === 0 ? undefined : new FrozenPicture(frozen === undefined ? FROZEN_MS : 1000 * frozen);
  }

  get silenceMs(): number {
    return SILENCE_MS + this.#startMs;
  }

  present(): boolean {
    if ("path" in this.#choice) return existsSync(this.#choice.path);
    if (!("plugged" in this.#choice) || process.platform !== "linux") return true;
    return isPlugged(this.#choice.plugged, videoNodes());
  }

  get controls(): SourceControls | undefined {
    return process.platform === "linux"
      ? new V4l2Controls(() => locate(this.#choice, this.#options))
      : undefined;
  }

  async open(signal: AbortSignal): Promise<Capture> {
    const path = await locate(this.#choice, this.#options);
    const frozen = this.#options.frozen === undefined && isVirtual(path) ? undefined : this.#frozen;
    const { quality, encoder } = this.#options;
    return openMedia(this.label, this.#options.engine, async (engine) => {
      this.#startMs = engine.startMs;
      const input = await this.#openInput(engine, path, signal).catch((error: unknown) => {
        throw explained(failure(`cannot open ${this.label}`, error), error, path);
      });
      return { input, feed: new DeviceFeed(input, frozen), device: true, options: { quality, encoder } };
    });
  }

  async #openInput(engine: Engine.Engine, path: string, signal: AbortSignal): Promise<Engine.Input> {
    const format = engine.deviceFormat;
    const url = format === "dshow" ? `video=${path}` : path;
    const open = (request: Request): Promise<Engine.Input> =>
      engine.openInput(url, { format, options: inputOptions(format, request), device: true }, signal);
    const request = chooseMode(await engine.modes(path), this.#options);
    // V4L2 gives the nearest that it has. The others refuse what is not exact: then they choose what is left open.
    if (format === "v4l2") return open(request);
    const { size, rate, format: asked } = this.#options;
    return open(request).catch(() => open({ format: asked, width: size?.width, height: size?.height, rate }));
  }
}

/** Of a device that is busy: by whom, where the system tells. */
function explained(failed: SourceError, error: unknown, path: string): SourceError {
  if ((error as { code?: unknown }).code !== -constants.errno.EBUSY) return failed;
  const holder = deviceHolder(path);
  return holder === undefined ? failed : new SourceError(`${failed.message}; used by ${holder}`);
}

async function locate(choice: DeviceChoice, options: SourceOptions): Promise<string> {
  if ("path" in choice) return choice.path;
  return "plugged" in choice ? locatePlugged(choice.plugged) : find(choice.name, options);
}

function locatePlugged(plugged: string): string {
  if (process.platform !== "linux") {
    throw new SourceError(`"usb:${plugged}" is understood on Linux only; expected camera:NAME`);
  }
  return findPlugged(plugged, videoNodes()).path;
}

/** Whether a program gives the picture, not a sensor: it may well stay the same. */
function isVirtual(path: string): boolean {
  try {
    const node = basename(realpathSync(path));
    return realpathSync(`/sys/class/video4linux/${node}`).startsWith("/sys/devices/virtual/");
  } catch {
    return false;
  }
}

/** The path of the device that `name` means: its number, its name, or a part of its name. */
async function find(name: string, { engine }: SourceOptions): Promise<string> {
  const devices = await listDevices(engine);
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
  readonly #input: Engine.Input;
  readonly #watchdog: DeviceWatchdog;

  constructor(input: Engine.Input, frozen: FrozenPicture | undefined) {
    this.#input = input;
    this.#watchdog = new DeviceWatchdog({ rate: input.video.rate, frozen, nowMs: performance.now() });
  }

  async next(signal: AbortSignal): Promise<Engine.Packet | undefined> {
    while (!signal.aborted) {
      const packet = this.#input.readNow();
      if (packet !== undefined) return this.#check(packet);
      this.#watchdog.nothing(performance.now());
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return undefined;
  }

  #check(packet: Engine.Packet): Engine.Packet {
    try {
      this.#watchdog.packet({ stampMicros: packet.dtsMicros, bytes: () => packet.bytes }, performance.now());
      return packet;
    } catch (error) {
      packet[Symbol.dispose]();
      throw error;
    }
  }

  capturedAt(stampMicros: number | undefined): ReturnType<typeof now> {
    return captureTime(stampMicros, { monotonicMicros: monotonicMicros(), now: now() });
  }
}
