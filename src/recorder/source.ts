import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Size } from "../codec/index.ts";
import { ENCODER_NAMES, type EncoderName } from "./encoder-name.ts";
import type { EngineChoice } from "./engine/load-engine.ts";
import { SourceError } from "./frame-source.ts";
import { redact } from "./redact.ts";

/** What a user may ask of a camera besides its source. Absent: the source's own choice. */
export interface SourceOptions {
  /** Pixels. A device picks the nearest that it has; a stream or a file is scaled to it. */
  readonly size?: Size | undefined;
  /** Frames per second. A device picks the nearest that it has; a stream or a file is thinned out to it. */
  readonly rate?: number | undefined;
  /** How a device gives its picture, by FFmpeg's name: `mjpeg` (passed through untouched), `yuyv422`, `nv12`. */
  readonly format?: string | undefined;
  /** Of the JPEG that is made here, 1 to 100 as in libjpeg. A device's own JPEG is not changed. */
  readonly quality?: number | undefined;
  /** Seconds for which a device's picture may be the same bit for bit; 0: for ever. */
  readonly frozen?: number | undefined;
  /** Of the H.264 that is made here. `auto`, the default: the first one that works. */
  readonly encoder?: EncoderName | "auto" | undefined;
  /** What works with its video, where something has to. */
  readonly engine?: EngineChoice | undefined;
}

/** A source as a user wrote it, taken apart. */
export type ParsedSource =
  | { readonly kind: "test"; readonly size: Size; readonly rate: number }
  | { readonly kind: "device"; readonly path: string }
  | { readonly kind: "camera"; readonly name: string }
  | { readonly kind: "usb"; readonly plugged: string }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "file"; readonly path: string };

const EXPECTED =
  "expected /dev/video0, usb:SERIAL, camera:NAME, http://…, rtsp://…, file:clip.mp4, or test:1280x720@30";

/** The size of the test picture if none is given. */
const TEST_SIZE: Size = { width: 1280, height: 720 };
/** The rate of the test picture if none is given, in frames per second. */
const TEST_RATE = 30;

const MIN_SIDE = 16;
const MAX_WIDTH = 7680;
const MAX_HEIGHT = 4320;
const MAX_RATE = 240;
const MAX_FROZEN_SECONDS = 86_400;

// The schemes of FFmpeg that carry live video. A closed list, so that a slip of the finger is an error at once.
const URL_SCHEMES = new Set(
  "rtsp rtsps rtspt rtspu rtmp rtmps rtmpt rtmpe rtmpte rtmpts udp udplite rtp srtp tcp tls srt unix hls mmsh mmst ftp sftp gopher ipfs pipe fd concat".split(
    " ",
  ),
);

/**
 * Take `source` apart. Nothing is opened; a plain path is a file if there is one.
 * @throws SourceError naming what is wrong and what was expected
 */
export function parseSource(source: string): ParsedSource {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(source)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? source : source.slice(scheme.length + 1);
  if (scheme === "test") return parseTest(source, rest);
  if (scheme === "camera") return { kind: "camera", name: rest.trim() };
  if (scheme === "usb") {
    if (rest.trim() === "") {
      throw new SourceError('"usb:" names no camera; expected usb:SERIAL, usb:VENDOR:PRODUCT or usb:PORT');
    }
    return { kind: "usb", plugged: rest.trim() };
  }
  if (scheme === "file") return { kind: "file", path: filePath(source, rest) };
  if (scheme === "http" || scheme === "https") return { kind: "http", url: httpUrl(source) };
  if (scheme !== undefined && URL_SCHEMES.has(scheme)) return { kind: "url", url: source };
  if (source.startsWith("/dev/")) return { kind: "device", path: source };
  const found = source === "" ? undefined : statSync(source, { throwIfNoEntry: false });
  if (found?.isCharacterDevice() === true) return { kind: "device", path: source };
  if (found?.isFile() === true) return { kind: "file", path: source };
  if (found !== undefined) throw new SourceError(`"${source}" is no file; ${EXPECTED}`);
  if (source === "") throw new SourceError(`the source is empty; ${EXPECTED}`);
  throw new SourceError(`"${redact(source)}" is not a source; ${EXPECTED}`);
}

/** Check `options`. @throws SourceError naming what is wrong and what was expected */
export function checkOptions(options: SourceOptions): void {
  const { size, rate, format, quality, encoder, frozen } = options;
  if (size !== undefined) checkSize(size, `the size ${size.width}x${size.height}`);
  if (rate !== undefined) checkRate(rate, `the rate ${rate}`);
  if (quality !== undefined && !(quality >= 1 && quality <= 100)) {
    throw new SourceError(`the quality ${quality} is out of range; expected 1 to 100`);
  }
  if (frozen !== undefined && !(frozen === 0 || (frozen >= 1 && frozen <= MAX_FROZEN_SECONDS))) {
    throw new SourceError(
      `frozen ${frozen} is out of range; expected 0 (for ever) or 1 to ${MAX_FROZEN_SECONDS} seconds`,
    );
  }
  if (format !== undefined && !/^[a-z0-9_]+$/.test(format)) {
    throw new SourceError(`the format "${format}" is not a name; expected one like mjpeg or yuyv422`);
  }
  if (encoder !== undefined && encoder !== "auto" && !ENCODER_NAMES.includes(encoder)) {
    throw new SourceError(
      `the encoder "${encoder}" is not known; expected auto, ${ENCODER_NAMES.join(", ")}`,
    );
  }
}

function parseTest(source: string, rest: string): ParsedSource {
  const match = /^(?:(\d+)x(\d+))?(?:@(\d+(?:\.\d+)?))?$/.exec(rest);
  if (match === null) {
    throw new SourceError(`"${source}" is not a test picture; expected test: or test:1280x720@30`);
  }
  const [, width, height, rate] = match;
  const parsed = {
    kind: "test",
    size: width === undefined ? TEST_SIZE : { width: Number(width), height: Number(height) },
    rate: rate === undefined ? TEST_RATE : Number(rate),
  } as const;
  checkSize(parsed.size, `the size of "${source}"`);
  checkRate(parsed.rate, `the rate of "${source}"`);
  return parsed;
}

function checkSize({ width, height }: Size, what: string): void {
  const fits = (side: number, max: number): boolean =>
    Number.isInteger(side) && side >= MIN_SIDE && side <= max;
  if (fits(width, MAX_WIDTH) && fits(height, MAX_HEIGHT)) return;
  throw new SourceError(
    `${what} is out of range; expected ${MIN_SIDE}x${MIN_SIDE} to ${MAX_WIDTH}x${MAX_HEIGHT}`,
  );
}

function checkRate(rate: number, what: string): void {
  if (rate >= 1 && rate <= MAX_RATE) return;
  throw new SourceError(`${what} is out of range; expected 1 to ${MAX_RATE} frames per second`);
}

function filePath(source: string, rest: string): string {
  if (rest === "") throw new SourceError('"file:" names no file; expected file:clip.mp4');
  if (!rest.startsWith("//")) return rest;
  try {
    return fileURLToPath(source);
  } catch {
    throw new SourceError(`"${source}" is not the URL of a file here; expected file:clip.mp4`);
  }
}

function httpUrl(source: string): string {
  if (URL.canParse(source)) return source;
  throw new SourceError(`"${redact(source)}" is not a URL; expected http://HOST/PATH`);
}
