/**
 * A small font of strokes: every character is a few lines and arcs, drawn with a round pen. It has the characters
 * that the test picture needs, at any size, with smooth edges.
 * @module
 */

/** How much of each pixel a character covers: 0 to 255, row by row. */
export interface Glyph {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly coverage: Uint8Array;
}

// One unit is the height of a capital, y grows downward from its top (0) to the baseline (1).
// A line is [x0, y0, x1, y1]; an arc is [cx, cy, rx, ry, from, to] in degrees, 0 right, 90 down.
type Stroke = readonly number[];

interface Shape {
  readonly width: number;
  readonly strokes: readonly Stroke[];
}

const DIGIT = 0.56;

const SHAPES: Readonly<Record<string, Shape>> = {
  "0": shape(
    DIGIT,
    [0.28, 0.28, 0.28, 0.28, 180, 360],
    [0.28, 0.72, 0.28, 0.28, 0, 180],
    [0, 0.28, 0, 0.72],
    [0.56, 0.28, 0.56, 0.72],
  ),
  "1": shape(DIGIT, [0.1, 0.2, 0.34, 0], [0.34, 0, 0.34, 1]),
  "2": shape(DIGIT, [0.28, 0.28, 0.28, 0.28, 185, 395], [0.51, 0.44, 0, 1], [0, 1, 0.56, 1]),
  "3": shape(DIGIT, [0.27, 0.25, 0.25, 0.25, 205, 450], [0.27, 0.74, 0.28, 0.26, 270, 515]),
  "4": shape(DIGIT, [0.42, 0, 0, 0.7], [0, 0.7, 0.56, 0.7], [0.42, 0, 0.42, 1]),
  "5": shape(DIGIT, [0.5, 0, 0.1, 0], [0.1, 0, 0.062, 0.5], [0.27, 0.7, 0.28, 0.3, 222, 515]),
  "6": shape(DIGIT, [0.28, 0.7, 0.28, 0.3, 0, 360], [0.56, 0.7, 0.56, 0.7, 180, 255]),
  "7": shape(DIGIT, [0, 0, 0.56, 0], [0.56, 0, 0.18, 1]),
  "8": shape(DIGIT, [0.28, 0.25, 0.24, 0.25, 0, 360], [0.28, 0.74, 0.28, 0.26, 0, 360]),
  "9": shape(DIGIT, [0.28, 0.3, 0.28, 0.3, 0, 360], [0, 0.3, 0.56, 0.7, 0, 75]),
  ":": shape(0.06, [0.03, 0.3, 0.03, 0.3], [0.03, 0.8, 0.03, 0.8]),
  ".": shape(0.06, [0.03, 1, 0.03, 1]),
  "-": shape(0.34, [0, 0.62, 0.34, 0.62]),
  "/": shape(0.36, [0.36, 0, 0, 1]),
  a: shape(0.46, [0.23, 0.68, 0.23, 0.32, 0, 360], [0.46, 0.36, 0.46, 1]),
  b: shape(0.48, [0, 0, 0, 1], [0.24, 0.68, 0.24, 0.32, 0, 360]),
  c: shape(0.42, [0.24, 0.68, 0.24, 0.32, 45, 315]),
  e: shape(0.48, [0, 0.68, 0.48, 0.68], [0.24, 0.68, 0.24, 0.32, 42, 360]),
  f: shape(0.3, [0.12, 1, 0.12, 0.2], [0.3, 0.2, 0.18, 0.2, 180, 275], [0, 0.36, 0.28, 0.36]),
  h: shape(0.44, [0, 0, 0, 1], [0.22, 0.58, 0.22, 0.22, 180, 360], [0.44, 0.58, 0.44, 1]),
  k: shape(0.42, [0, 0, 0, 1], [0.4, 0.36, 0, 0.76], [0.14, 0.62, 0.42, 1]),
  l: shape(0, [0, 0, 0, 1]),
  m: shape(
    0.68,
    [0, 0.36, 0, 1],
    [0.17, 0.55, 0.17, 0.19, 180, 360],
    [0.34, 0.55, 0.34, 1],
    [0.51, 0.55, 0.17, 0.19, 180, 360],
    [0.68, 0.55, 0.68, 1],
  ),
  o: shape(0.5, [0.25, 0.68, 0.25, 0.32, 0, 360]),
  r: shape(0.28, [0, 0.36, 0, 1], [0.2, 0.58, 0.2, 0.22, 180, 295]),
  s: shape(0.38, [0.19, 0.52, 0.18, 0.16, 90, 325], [0.19, 0.84, 0.19, 0.16, 270, 510]),
  t: shape(0.3, [0.13, 0.12, 0.13, 0.86], [0.27, 0.86, 0.14, 0.14, 90, 180], [0, 0.36, 0.3, 0.36]),
  w: shape(0.64, [0, 0.36, 0.16, 1], [0.16, 1, 0.32, 0.4], [0.32, 0.4, 0.48, 1], [0.48, 1, 0.64, 0.36]),
  x: shape(0.4, [0, 0.36, 0.4, 1], [0.4, 0.36, 0, 1]),
};

function shape(width: number, ...strokes: Stroke[]): Shape {
  return { width, strokes };
}

const SPACE = shape(0.2);

/** Lines that an arc is made of. */
const ARC_STEPS = 18;

/** The character at `capHeight` pixels with a pen of `pen` pixels; one that the font does not have is a space. */
export function glyph(character: string, capHeight: number, pen: number): Glyph {
  const { width: units, strokes } = SHAPES[character] ?? SPACE;
  const margin = Math.ceil(pen / 2) + 1;
  const width = Math.ceil(units * capHeight) + 2 * margin;
  const height = Math.ceil(capHeight) + 2 * margin;
  const coverage = new Uint8Array(width * height);
  for (const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] of strokes.flatMap(toLines)) {
    const line = {
      x0: x0 * capHeight + margin,
      y0: y0 * capHeight + margin,
      x1: x1 * capHeight + margin,
      y1: y1 * capHeight + margin,
    };
    drawLine(coverage, width, height, line, pen / 2);
  }
  return { width, height, coverage };
}

/** Pixels from the left edge of a character to that of the next. */
export function advance(character: string, capHeight: number, pen: number): number {
  return ((SHAPES[character]?.width ?? SPACE.width) + 0.16) * capHeight + pen;
}

function toLines(stroke: Stroke): Stroke[] {
  const [cx = 0, cy = 0, rx = 0, ry = 0, from, to] = stroke;
  if (from === undefined || to === undefined) return [stroke];
  const point = (step: number): readonly [number, number] => {
    const angle = ((from + ((to - from) * step) / ARC_STEPS) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  };
  return Array.from({ length: ARC_STEPS }, (_, step) => [...point(step), ...point(step + 1)]);
}

interface Line {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

// A pixel is covered by as much as its middle is within the pen's reach of the line, over one pixel of transition.
function drawLine(coverage: Uint8Array, width: number, height: number, line: Line, reach: number): void {
  const { x0, y0, x1, y1 } = line;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const lengthSquared = dx * dx + dy * dy;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach - 1));
  const right = Math.min(width - 1, Math.ceil(Math.max(x0, x1) + reach + 1));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach - 1));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(y0, y1) + reach + 1));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const distance = Math.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2);
      const value = Math.round(255 * Math.min(1, Math.max(0, reach + 0.5 - distance)));
      const at = y * width + x;
      if (value > (coverage[at] ?? 0)) coverage[at] = value;
    }
  }
}
