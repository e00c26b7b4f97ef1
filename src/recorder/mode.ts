import type { SourceOptions } from "./source.ts";

/** A way in which a device gives its picture. */
export interface Mode {
  /** FFmpeg's name: `mjpeg`, `yuyv422`. */
  readonly format: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames per second: the rates that it gives, or the slowest and the fastest; ascending. */
  readonly rates: readonly number[];
}

/** `modes`, each once. */
export function withoutRepetition(modes: readonly Mode[]): Mode[] {
  const keys = modes.map((mode) => JSON.stringify(mode));
  return modes.filter((_mode, index) => keys.indexOf(keys[index] ?? "") === index);
}

/** What to ask a device for. Absent: whatever it gives. */
export interface Request {
  readonly format?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly rate?: number | undefined;
}

/** The rate that a picture should have to look fluent, in frames per second. */
const WANTED_RATE = 30;
/** The part of the wanted rate that is as good as all of it. */
const FLUENT = 0.8;
const MAX_WIDTH = 1280;
const MAX_HEIGHT = 720;

// JPEG needs no work at all. Behind it those that cost least to encode; what is not listed comes last.
const FORMATS = ["mjpeg", "yuvj420p", "yuv420p", "nv12", "yuyv422", "uyvy422", "yuv422p", "nv21"];

/**
 * What to ask of a device that gives `modes`: what `options` say, and of what they leave open the largest size up to
 * 1280x720 at 30/s, or at its best rate where it is slower; JPEG if it gives that in this way.
 */
export function chooseMode(modes: readonly Mode[], options: SourceOptions): Request {
  const { size, format, rate } = options;
  const wanted = rate ?? WANTED_RATE;
  const asked: Request = { format, width: size?.width, height: size?.height, rate };
  const usable = modes.filter((mode) => mode.format !== "h264" && mode.format !== "hevc");
  const fitting = usable.filter(
    (mode) =>
      (format === undefined || mode.format === format) &&
      (size === undefined
        ? mode.width <= MAX_WIDTH && mode.height <= MAX_HEIGHT
        : mode.width === size.width && mode.height === size.height),
  );
  // A device with nothing that small gives its smallest.
  const best =
    fitting.sort(byFitness(wanted))[0] ?? (size === undefined ? smallest(usable, format) : undefined);
  if (best === undefined) return asked;
  return {
    format: best.format,
    width: best.width,
    height: best.height,
    rate: rate ?? Math.min(WANTED_RATE, fastest(best)),
  };
}

function byFitness(rate: number): (a: Mode, b: Mode) => number {
  // 24, 25 and 29.97 a second are as good as 30, and above the wanted rate faster is not better.
  const useful = (mode: Mode): number => Math.min(rate * FLUENT, fastest(mode));
  return (a, b) =>
    useful(b) - useful(a) || b.width * b.height - a.width * a.height || rank(a.format) - rank(b.format);
}

function smallest(modes: readonly Mode[], format: string | undefined): Mode | undefined {
  return modes
    .filter((mode) => format === undefined || mode.format === format)
    .sort((a, b) => a.width * a.height - b.width * b.height || rank(a.format) - rank(b.format))[0];
}

function fastest(mode: Mode): number {
  return Math.max(0, ...mode.rates);
}

function rank(format: string): number {
  const index = FORMATS.indexOf(format);
  return index < 0 ? FORMATS.length : index;
}
