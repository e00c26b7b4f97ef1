/** How somebody holds a picture: turned, mirrored, enlarged. It is of the picture, not of the box that shows it, so it fits any box. */
export interface Pose {
  /** Quarter turns, clockwise: 0 to 3. */
  readonly quarters: number;
  /** Left and right are exchanged, before it is turned. */
  readonly mirrored: boolean;
  /** 1: as large as fits the box. */
  readonly zoom: number;
  /** The point of the picture, from 0 to 1, that is in the middle of the box. */
  readonly x: number;
  /** See {@link x}. */
  readonly y: number;
}

/** Width by height of a picture as the camera gives it, and of the box that shows it. */
export interface Shapes {
  readonly picture: number;
  readonly box: number;
}

/** A place in a box as parts of its width and height, from its middle: -0.5 to 0.5. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** As the camera gives it. */
export const UPRIGHT: Pose = { quarters: 0, mirrored: false, zoom: 1, x: 0.5, y: 0.5 };

/** Beyond this, a pixel of a camera is a tile. */
export const MAX_ZOOM = 8;

/** Turned clockwise by so many quarters more, as seen. */
export function turned(pose: Pose, quarters: number): Pose {
  return { ...pose, quarters: (((pose.quarters + quarters) % 4) + 4) % 4 };
}

/** Left and right exchanged, as seen. */
export function mirrored(pose: Pose): Pose {
  return { ...pose, mirrored: !pose.mirrored, quarters: (4 - pose.quarters) % 4 };
}

/** Enlarged by `factor`, with what is at `at` staying there as far as no edge comes into the box. */
export function zoomed(pose: Pose, factor: number, at: Point, shapes: Shapes): Pose {
  const before = bounded(pose, shapes);
  const zoom = clamp(before.zoom * factor, 1, MAX_ZOOM);
  const size = fitted(pose, shapes);
  const part = 1 / before.zoom - 1 / zoom;
  const middle = seen(before);
  return bounded(
    looking(
      { ...before, zoom },
      { x: middle.x + (at.x * part) / size.x, y: middle.y + (at.y * part) / size.y },
    ),
    shapes,
  );
}

/** Pushed by a part of the box, as far as it can be. */
export function moved(pose: Pose, by: Point, shapes: Shapes): Pose {
  const before = bounded(pose, shapes);
  const size = fitted(pose, shapes);
  const middle = seen(before);
  return bounded(
    looking(before, {
      x: middle.x - by.x / (size.x * before.zoom),
      y: middle.y - by.y / (size.y * before.zoom),
    }),
    shapes,
  );
}

/** As near to it as can be shown: no more of the box stays empty than has to. */
export function bounded(pose: Pose, shapes: Shapes): Pose {
  const zoom = clamp(pose.zoom, 1, MAX_ZOOM);
  const size = fitted(pose, shapes);
  const reach = (part: number): number => Math.max(0, 0.5 - 0.5 / (part * zoom));
  const { x, y } = seen(pose);
  const [farX, farY] = [reach(size.x), reach(size.y)];
  return looking({ ...pose, zoom }, { x: clamp(x, -farX, farX), y: clamp(y, -farY, farY) });
}

/** Where the middle of the picture is in the box. */
export function place(pose: Pose, shapes: Shapes): Point {
  const size = fitted(pose, shapes);
  const { x, y } = seen(pose);
  // Without a sign of its own, for a zero.
  return { x: 0 - x * size.x * pose.zoom, y: 0 - y * size.y * pose.zoom };
}

/**
 * The same as a CSS transform of a picture that fits its box, which is turned with it. `cqw` and `cqh` are parts of the box: it
 * need not be measured again when its size changes and its shape does not.
 */
export function transform(pose: Pose, shapes: Shapes): string {
  const { x, y } = place(pose, shapes);
  const steps = [
    x === 0 && y === 0 ? "" : `translate(${100 * x}cqw, ${100 * y}cqh)`,
    pose.zoom === 1 ? "" : `scale(${pose.zoom})`,
    pose.quarters === 0 ? "" : `rotate(${pose.quarters * 90}deg)`,
    pose.mirrored ? "scaleX(-1)" : "",
  ];
  return steps.filter((step) => step !== "").join(" ");
}

/** Width by height as it is seen. */
export function ratio({ quarters }: Pose, picture: number): number {
  return quarters % 2 === 0 ? picture : 1 / picture;
}

/** Whether it is as the camera gives it. */
export function isUpright(pose: Pose): boolean {
  return pose.quarters === 0 && !pose.mirrored && pose.zoom === 1;
}

/** For keeping; {@link parse} reads it. */
export function format({ quarters, mirrored: swapped, zoom, x, y }: Pose): string {
  return JSON.stringify({ quarters, mirrored: swapped, zoom, x, y });
}

/** What {@link format} wrote; `undefined` if somebody else wrote it. */
export function parse(text: string): Pose | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { quarters, mirrored: swapped, zoom, x, y } = value as Partial<Record<keyof Pose, unknown>>;
  if (typeof swapped !== "boolean" || !between(quarters, 0, 3) || !Number.isInteger(quarters))
    return undefined;
  if (!between(zoom, 1, MAX_ZOOM) || !between(x, 0, 1) || !between(y, 0, 1)) return undefined;
  return { quarters, mirrored: swapped, zoom, x, y };
}

/** Parts of the box that the whole picture takes at zoom 1. */
function fitted(pose: Pose, { picture, box }: Shapes): Point {
  const shape = ratio(pose, picture);
  return { x: Math.min(1, shape / box), y: Math.min(1, box / shape) };
}

/** What the pose looks at, from the middle of the picture, along the axes of the box. */
function seen({ quarters, mirrored: swapped, x, y }: Pose): Point {
  let point: Point = { x: swapped ? 0.5 - x : x - 0.5, y: y - 0.5 };
  for (let turn = 0; turn < quarters; turn++) point = { x: -point.y, y: point.x };
  return point;
}

/** The pose that looks at `point`: see {@link seen}. */
function looking(pose: Pose, point: Point): Pose {
  let { x, y } = point;
  for (let turn = 0; turn < pose.quarters; turn++) [x, y] = [y, -x];
  return { ...pose, x: clamp(0.5 + (pose.mirrored ? -x : x), 0, 1), y: clamp(0.5 + y, 0, 1) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function between(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}
