import type { CameraInfo, Micros } from "../../protocol/index.ts";
import { GLYPH_HEIGHT, GLYPH_WIDTH, isSet } from "./bitmap-font.ts";
import { encodeGreyJpeg } from "./grey-jpeg.ts";

/** The size where the camera's own is not known, or too small to be read. In pixels. */
const DEFAULT_SIZE = { width: 640, height: 360 };
const MIN_WIDTH = 320;
const MIN_HEIGHT = 180;

/** Characters that fit into a line, about. */
const LINE_CHARACTERS = 50;
const MAX_LINES = 8;

const GROUND = 24;
const DIM = 150;
const BRIGHT = 235;

/**
 * What is shown instead of a camera that has failed: what is wrong, since when, and when it last was well. As large as the
 * camera's own picture, for programs that read a stream expect that. Made by the server alone: the recorder may be what failed.
 */
export function placeholder(camera: CameraInfo): Uint8Array {
  const { width, height } = size(camera);
  const shades = new Uint8Array(width * height).fill(GROUND);
  const scale = Math.max(1, Math.floor(width / (LINE_CHARACTERS * (GLYPH_WIDTH + 1))));
  const margin = 4 * scale;
  const pitch = (GLYPH_HEIGHT + 4) * scale;
  const perLine = Math.floor((width - 2 * margin) / ((GLYPH_WIDTH + 1) * scale));
  const draw = (text: string, y: number, shade: number, times = 1): void => {
    const target = { shades, width, height };
    drawText(target, text, { x: margin, y, scale: times * scale, shade });
  };
  draw(camera.state === "stalled" ? "STALLED" : "GONE", margin, BRIGHT, 2);
  let y = margin + 2 * pitch;
  for (const line of wrap(`${camera.name}: ${camera.reason ?? "the camera does not answer"}`, perLine)) {
    draw(line, y, BRIGHT);
    y += pitch;
  }
  y += pitch / 2;
  draw(`since ${time(camera.since)}`, y, DIM);
  if (camera.lastFrameAt !== undefined) draw(`last picture ${time(camera.lastFrameAt)}`, y + pitch, DIM);
  return encodeGreyJpeg({ width, height, shades });
}

function size({ tracks }: CameraInfo): { width: number; height: number } {
  const { width = 0, height = 0 } = tracks.find(({ name }) => name === "jpeg") ?? tracks[0] ?? {};
  return width >= MIN_WIDTH && height >= MIN_HEIGHT ? { width, height } : DEFAULT_SIZE;
}

/** UTC, to the second: who reads a placeholder may be anywhere. */
function time(at: Micros): string {
  return new Date(at / 1000)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

function wrap(text: string, perLine: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text
    .split(/\s+/)
    .flatMap((long) => long.match(new RegExp(`.{1,${perLine}}`, "gu")) ?? [])) {
    if (line !== "" && line.length + 1 + word.length > perLine) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].slice(0, MAX_LINES);
}

interface Target {
  readonly shades: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly shade: number;
}

function drawText(target: Target, text: string, { x, y, scale, shade }: Place): void {
  for (const [index, character] of Array.from(text).entries()) {
    const left = x + index * (GLYPH_WIDTH + 1) * scale;
    for (let column = 0; column < GLYPH_WIDTH; column++) {
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        if (isSet(character, column, row)) {
          fill(target, left + column * scale, Math.round(y) + row * scale, scale, shade);
        }
      }
    }
  }
}

function fill({ shades, width, height }: Target, x: number, y: number, side: number, shade: number): void {
  if (x + side > width) return;
  for (let row = y; row < Math.min(height, y + side); row++) {
    shades.fill(shade, row * width + x, row * width + x + side);
  }
}
