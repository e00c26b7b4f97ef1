import type { Size } from "../codec/index.ts";
import type { Micros } from "../protocol/index.ts";
import { type Box, Canvas, colour, type Plane } from "./canvas.ts";
import { paintStrip, stripHeight } from "./counter-strip.ts";
import { advance, type Glyph, glyph } from "./stroke-font.ts";

// What a person without a camera sees first. Designed at 1280x720, drawn at any size. Top and bottom are left to what a page writes
// over its pictures.
const DESIGN_WIDTH = 1280;
const DESIGN_HEIGHT = 720;

const TOP_LEFT = colour(0x0a1022);
const BOTTOM_RIGHT = colour(0x24406e);
const GLOW = colour(0x2f6f9f);
const RAIL = colour(0x5a78a8);
const BALL = colour(0xffb347);
const BARS = [0xf4f4f4, 0xf2d64b, 0x4fd0d9, 0x57c56a, 0xcf6bd6, 0xe2574c, 0x4a72e8].map(colour);
const BLACK = colour(0x000000);
const BRIGHT = 244;
const PALE = 172;
const MILLIS_PER_MINUTE = 60_000;

/** Seconds that the ball takes from one end to the other and back. */
const BALL_SECONDS = 4;
/** Places of the ball within a pixel. */
const DISC_PHASES = 8;
/** The smallest text that can be read, as the height of a capital in pixels. */
const MIN_TEXT = 5;
const COUNTER_DIGITS = 7;
const ZERO = 48;

/** Characters in fixed places, of which only those that changed are drawn again. */
class Display {
  readonly #canvas: Canvas;
  readonly #luma: number;
  readonly #cells: { readonly x: number; readonly y: number; shown: number }[] = [];
  readonly #glyphs: (Glyph | undefined)[] = [];

  /** `template` says where digits (0) and other characters stand. */
  constructor(canvas: Canvas, place: { readonly x: number; readonly y: number }, text: Text) {
    this.#canvas = canvas;
    this.#luma = text.luma;
    for (const character of `${text.template}0123456789`) {
      this.#glyphs[character.charCodeAt(0)] ??= glyph(character, text.height, text.pen);
    }
    let x = place.x;
    for (const character of text.template) {
      this.#cells.push({ x: Math.round(x), y: Math.round(place.y), shown: -1 });
      x += advance(character, text.height, text.pen);
    }
  }

  /** Show the character of `code` in a cell. */
  set(index: number, code: number): void {
    const cell = this.#cells[index];
    if (cell === undefined || cell.shown === code) return;
    const old = this.#glyphs[cell.shown];
    if (old !== undefined) this.#canvas.restore(boxOf(cell, old), true);
    const next = this.#glyphs[code];
    if (next !== undefined) this.#canvas.stamp(boxOf(cell, next), next.coverage, this.#luma);
    cell.shown = code;
  }
}

interface Text {
  readonly template: string;
  /** Pixels of a capital. */
  readonly height: number;
  /** Pixels. */
  readonly pen: number;
  readonly luma: number;
}

function boxOf({ x, y }: { readonly x: number; readonly y: number }, { width, height }: Glyph): Box {
  return { x, y, width, height };
}

function textWidth({ template, height, pen }: Text): number {
  return Array.from(template).reduce((width, character) => width + advance(character, height, pen), 0);
}

/**
 * The moving test picture: wall clock, frame counter, colour bars, a ball that glides, and a strip that a program can
 * read (see `counter-strip.ts`). Only what moves is drawn again.
 */
export class TestPicture {
  readonly #canvas: Canvas;
  readonly #scale: number;
  readonly #clock: Display | undefined;
  readonly #counter: Display | undefined;
  readonly #ball: Box & { x: number };
  // The ball between two pixels: a motion of whole pixels would stutter.
  readonly #discs: readonly Uint8Array[];
  #minute = -1;
  #zoneMs = 0;

  /** Draws on `planes`: Y, U and V of a picture in 4:2:0 and full range. */
  constructor(size: Size, rate: number, planes: readonly Plane[]) {
    const canvas = new Canvas(size.width, size.height, planes);
    this.#canvas = canvas;
    this.#scale = Math.min(size.width / DESIGN_WIDTH, size.height / DESIGN_HEIGHT);
    this.#paintGradient();
    this.#paintBars();
    this.#paintRail();
    this.#paintStripBed();
    this.#paintTitle(`${size.width}x${size.height} ${Math.round(rate * 100) / 100}/s`);
    canvas.keepAsBackground();
    const side = Math.max(5, Math.round(92 * this.#scale));
    this.#ball = { x: 0, y: Math.round(this.#railY - side / 2), width: side, height: side };
    this.#discs = Array.from({ length: DISC_PHASES }, (_, phase) => disc(side, phase / DISC_PHASES));
    this.#clock = this.#display(this.#text("00:00:00.000", 132, 15, BRIGHT), "middle", 236);
    const counter = this.#text(`frame ${"0".repeat(COUNTER_DIGITS)}`, 30, 4, PALE);
    this.#counter = this.#display(counter, "right", DESIGN_HEIGHT - 176);
  }

  /** Draw the picture of the moment `at` with the number `count`. */
  draw(at: Micros, count: number): void {
    this.#moveBall(at / 1_000_000);
    this.#showClock(Math.floor(at / 1000));
    let rest = count;
    for (let digit = 0; digit < COUNTER_DIGITS; digit++) {
      this.#counter?.set("frame ".length + COUNTER_DIGITS - 1 - digit, ZERO + (rest % 10));
      rest = Math.floor(rest / 10);
    }
    const { bytes, stride } = this.#canvas.luma;
    paintStrip({ bytes, stride, width: this.#canvas.width, height: this.#canvas.height }, count);
  }

  #showClock(epochMs: number): void {
    const minute = Math.floor(epochMs / MILLIS_PER_MINUTE);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#zoneMs = new Date(epochMs).getTimezoneOffset() * MILLIS_PER_MINUTE;
    }
    const localMs = epochMs - this.#zoneMs;
    const seconds = Math.floor(localMs / 1000);
    this.#setDigits(0, 2, Math.floor(seconds / 3600) % 24);
    this.#setDigits(3, 2, Math.floor(seconds / 60) % 60);
    this.#setDigits(6, 2, seconds % 60);
    this.#setDigits(9, 3, localMs - seconds * 1000);
  }

  #setDigits(from: number, digits: number, value: number): void {
    let rest = value;
    for (let index = from + digits - 1; index >= from; index--) {
      this.#clock?.set(index, ZERO + (rest % 10));
      rest = Math.floor(rest / 10);
    }
  }

  #moveBall(seconds: number): void {
    const { width } = this.#canvas;
    this.#canvas.restore(this.#ball);
    const phase = ((seconds % BALL_SECONDS) / BALL_SECONDS) * 2 * Math.PI;
    const reach = width / 2 - this.#margin - this.#ball.width / 2;
    const left = (width - this.#ball.width) / 2 - Math.cos(phase) * reach;
    this.#ball.x = Math.floor(left);
    const disc = this.#discs[Math.floor((left - this.#ball.x) * DISC_PHASES)];
    if (disc !== undefined) this.#canvas.stampColour(this.#ball, disc, BALL);
  }

  get #margin(): number {
    return Math.round(64 * this.#scale);
  }

  get #railY(): number {
    return Math.round(this.#canvas.height / 2 + 110 * this.#scale);
  }

  // From the top left to the bottom right, with a glow behind the clock.
  #paintGradient(): void {
    for (const [index, key] of (["y", "u", "v"] as const).entries()) {
      const [from, to, glow] = [TOP_LEFT[key], BOTTOM_RIGHT[key], GLOW[key]];
      this.#canvas.shade(index as 0 | 1 | 2, (x, y) => {
        const base = from + (to - from) * (x * 0.45 + y * 0.55);
        const [across, down] = [(x - 0.5) * 1.5, y - 0.42];
        const near = Math.max(0, 1 - Math.sqrt(across * across + down * down) / 0.75);
        return base + (glow - base) * 0.5 * near * near;
      });
    }
  }

  #paintBars(): void {
    const side = Math.round(34 * this.#scale);
    const gap = Math.round(8 * this.#scale);
    const top = Math.round(this.#canvas.height - (DESIGN_HEIGHT - 542) * this.#scale);
    for (const [index, bar] of BARS.entries()) {
      const left = this.#margin + index * (side + gap);
      for (let y = top; y < top + side; y++) {
        for (let x = left; x < left + side; x++) {
          this.#canvas.mix(x, y, bar, roundedSquare(x - left, y - top, side));
        }
      }
    }
  }

  #paintRail(): void {
    const { width } = this.#canvas;
    const thickness = Math.max(1, Math.round(2 * this.#scale));
    for (let x = this.#margin; x < width - this.#margin; x++) {
      for (let y = 0; y < thickness; y++) this.#canvas.mix(x, this.#railY + y, RAIL, 0.55);
    }
  }

  // The strip is drawn in brightness alone, so what is below it must have no colour.
  #paintStripBed(): void {
    const { width, height } = this.#canvas;
    for (let y = height - stripHeight({ width, height }); y < height; y++) {
      for (let x = 0; x < width; x++) this.#canvas.mix(x, y, BLACK, 1);
    }
  }

  #paintTitle(facts: string): void {
    for (const [text, side] of [
      [this.#text("hello-websocket", 36, 5, BRIGHT), "left"],
      [this.#text(facts, 26, 3.4, PALE), "right"],
    ] as const) {
      this.#display(text, side, 132);
    }
  }

  #text(template: string, height: number, pen: number, luma: number): Text {
    return { template, height: height * this.#scale, pen: Math.max(1, pen * this.#scale), luma };
  }

  // `y` is measured as in the design: from the top, the middle or the bottom, whichever is nearest.
  #display(text: Text, side: "left" | "middle" | "right", y: number): Display | undefined {
    if (text.height < MIN_TEXT) return undefined;
    const { width, height } = this.#canvas;
    const free = width - textWidth(text);
    const x = side === "left" ? this.#margin : side === "middle" ? free / 2 : free - this.#margin;
    const origin = side === "middle" ? height / 2 - (DESIGN_HEIGHT / 2) * this.#scale : 0;
    const top = y > DESIGN_HEIGHT / 2 ? height - (DESIGN_HEIGHT - y) * this.#scale : origin + y * this.#scale;
    const display = new Display(this.#canvas, { x, y: top }, text);
    for (const [index, character] of Array.from(text.template).entries())
      display.set(index, character.charCodeAt(0));
    return display;
  }
}

// How much of a pixel a square with round corners covers.
function roundedSquare(x: number, y: number, side: number): number {
  const radius = side * 0.28;
  const inset = (at: number): number => Math.max(0, radius - at - 0.5, at + 0.5 - (side - radius));
  return Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(inset(x), inset(y))));
}

// How much of each pixel the ball covers that stands `phase` of a pixel to the right: a disc with a halo.
function disc(side: number, phase: number): Uint8Array {
  const coverage = new Uint8Array(side * side);
  const reach = side / 2 - 0.5;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [across, down] = [x + 0.5 - side / 2 - phase, y + 0.5 - side / 2];
      const distance = Math.sqrt(across * across + down * down);
      const halo = 0.45 * Math.max(0, 1 - distance / reach) ** 2;
      const solid = Math.min(1, Math.max(0, side / 4 + 0.5 - distance));
      coverage[y * side + x] = Math.round(255 * Math.max(halo, solid));
    }
  }
  return coverage;
}
