import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bounded,
  format,
  isUpright,
  MAX_ZOOM,
  mirrored,
  moved,
  type Point,
  type Pose,
  parse,
  place,
  ratio,
  type Shapes,
  transform,
  turned,
  UPRIGHT,
  zoomed,
} from "./pose.ts";

const part = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const poses: fc.Arbitrary<Pose> = fc.record({
  quarters: fc.nat(3),
  mirrored: fc.boolean(),
  zoom: part(1, MAX_ZOOM),
  x: part(0, 1),
  y: part(0, 1),
});
const shapes: fc.Arbitrary<Shapes> = fc.record({ picture: part(0.4, 3), box: part(0.2, 5) });
const points: fc.Arbitrary<Point> = fc.record({ x: part(-0.5, 0.5), y: part(-0.5, 0.5) });
const WIDE: Shapes = { picture: 16 / 9, box: 16 / 9 };

/** Where a point of the picture (0 to 1) is seen, worked out the slow way: with matrices. */
function shown(pose: Pose, of: Point, { picture, box }: Shapes): Point {
  // In units of the box's height; the picture fits its box, which is turned with it.
  const [boxWidth, boxHeight] = pose.quarters % 2 === 0 ? [box, 1] : [1, box];
  const width = Math.min(boxWidth, boxHeight * picture);
  const angle = (pose.quarters * Math.PI) / 2;
  const matrix = (x: number, y: number): [number, number] => {
    const swapped = pose.mirrored ? -x : x;
    return [
      pose.zoom * (swapped * Math.cos(angle) - y * Math.sin(angle)),
      pose.zoom * (swapped * Math.sin(angle) + y * Math.cos(angle)),
    ];
  };
  const [x, y] = matrix((of.x - 0.5) * width, ((of.y - 0.5) * width) / picture);
  const at = place(pose, { picture, box });
  return { x: at.x + x / box, y: at.y + y };
}

function near(a: Point, b: Point, digits = 6): void {
  expect(a.x).toBeCloseTo(b.x, digits);
  expect(a.y).toBeCloseTo(b.y, digits);
}

test("four turns, or two mirrors, are none", () => {
  fc.assert(
    fc.property(poses, fc.integer({ min: -9, max: 9 }), (pose, quarters) => {
      expect(turned(turned(pose, quarters), -quarters)).toEqual(pose);
      expect(turned(turned(turned(turned(pose, 1), 1), 1), 1)).toEqual(pose);
      expect(mirrored(mirrored(pose))).toEqual(pose);
    }),
  );
});

test("a mirror exchanges left and right as seen, whichever way the picture is turned", () => {
  fc.assert(
    fc.property(fc.nat(3), fc.boolean(), points, shapes, (quarters, swapped, of, size) => {
      const pose = { ...UPRIGHT, quarters, mirrored: swapped };
      const point = { x: of.x + 0.5, y: of.y + 0.5 };
      const before = shown(pose, point, size);
      near(shown(mirrored(pose), point, size), { x: -before.x, y: before.y });
    }),
  );
});

test("a turn is clockwise: what was at the top is at the right", () => {
  const top = { x: 0.5, y: 0 };
  near(shown(UPRIGHT, top, { picture: 1, box: 1 }), { x: 0, y: -0.5 });
  near(shown(turned(UPRIGHT, 1), top, { picture: 1, box: 1 }), { x: 0.5, y: 0 });
});

test("the point of the picture that is looked at is in the middle of the box", () => {
  fc.assert(
    fc.property(poses, shapes, (pose, size) => {
      near(shown(pose, pose, size), { x: 0, y: 0 });
    }),
  );
});

test("what is under the pointer stays there while it is enlarged", () => {
  fc.assert(
    fc.property(poses, points, part(1, 4), shapes, (start, at, factor, size) => {
      const pose = bounded(start, size);
      const next = zoomed(pose, factor, at, size);
      // The same point of the picture, before and after: taken from three points that span it.
      const [origin, right, down] = [
        shown(pose, { x: 0, y: 0 }, size),
        shown(pose, { x: 1, y: 0 }, size),
        shown(pose, { x: 0, y: 1 }, size),
      ];
      const [u, v] = solve(origin, right, down, at);
      fc.pre(u >= 0 && u <= 1 && v >= 0 && v <= 1);
      const kept = shown(next, { x: u, y: v }, size);
      // Along an axis where all of the picture is seen, it stays in the middle instead.
      const whole = wholeAxes(next, size);
      if (!whole.x) expect(kept.x).toBeCloseTo(at.x, 5);
      if (!whole.y) expect(kept.y).toBeCloseTo(at.y, 5);
    }),
  );
});

test("in its bounds no edge is within the box where the picture is larger, and it is in the middle where not", () => {
  fc.assert(
    fc.property(poses, points, shapes, (start, by, size) => {
      const pose = moved(start, { x: by.x * 9, y: by.y * 9 }, size);
      const corners = [0, 1].flatMap((x) => [0, 1].map((y) => shown(pose, { x, y }, size)));
      for (const axis of ["x", "y"] as const) {
        const places = corners.map((corner) => corner[axis]);
        const [least, most] = [Math.min(...places), Math.max(...places)];
        if (most - least > 1) {
          expect(least).toBeLessThanOrEqual(-0.5 + 1e-6);
          expect(most).toBeGreaterThanOrEqual(0.5 - 1e-6);
        } else {
          expect(least + most).toBeCloseTo(0, 6);
        }
      }
    }),
  );
});

test("bounds are reached once", () => {
  fc.assert(
    fc.property(poses, shapes, (pose, size) => {
      const once = bounded(pose, size);
      near(bounded(once, size), once);
      expect(once.zoom).toBe(pose.zoom);
    }),
  );
});

test("a push moves the picture by as much as it says", () => {
  const pose = zoomed(UPRIGHT, 4, { x: 0, y: 0 }, WIDE);
  const before = shown(pose, { x: 0.5, y: 0.5 }, WIDE);
  const after = shown(moved(pose, { x: 0.25, y: -0.1 }, WIDE), { x: 0.5, y: 0.5 }, WIDE);
  near(after, { x: before.x + 0.25, y: before.y - 0.1 });
});

test("it is never smaller than its box, nor larger than can be seen", () => {
  fc.assert(
    fc.property(poses, part(0.001, 1000), points, shapes, (pose, factor, at, size) => {
      const { zoom } = zoomed(pose, factor, at, size);
      expect(zoom).toBeGreaterThanOrEqual(1);
      expect(zoom).toBeLessThanOrEqual(MAX_ZOOM);
    }),
  );
});

test("what is kept is what is read", () => {
  fc.assert(
    fc.property(poses, (pose) => {
      // JSON knows one zero.
      expect(parse(format(pose))).toEqual({ ...pose, x: pose.x + 0, y: pose.y + 0 });
    }),
  );
});

test.each([
  "",
  "null",
  "[]",
  '{"quarters":4,"mirrored":false,"zoom":1,"x":0.5,"y":0.5}',
  '{"quarters":1.5,"mirrored":false,"zoom":1,"x":0.5,"y":0.5}',
  '{"quarters":1,"mirrored":0,"zoom":1,"x":0.5,"y":0.5}',
  '{"quarters":1,"mirrored":false,"zoom":9,"x":0.5,"y":0.5}',
  '{"quarters":1,"mirrored":false,"zoom":1,"x":"0","y":0.5}',
  '{"quarters":1,"mirrored":false,"zoom":1,"y":0.5}',
])("%s is no pose", (text) => {
  expect(parse(text)).toBeUndefined();
});

test("as CSS", () => {
  expect(transform(UPRIGHT, WIDE)).toBe("");
  expect(transform({ quarters: 1, mirrored: true, zoom: 2, x: 0.75, y: 0.5 }, { picture: 1, box: 1 })).toBe(
    "translate(0cqw, 50cqh) scale(2) rotate(90deg) scaleX(-1)",
  );
  expect(isUpright(UPRIGHT)).toBe(true);
  expect(ratio(turned(UPRIGHT, 3), 2)).toBe(0.5);
});

function solve(origin: Point, right: Point, down: Point, at: Point): [number, number] {
  const [a, b] = [right.x - origin.x, down.x - origin.x];
  const [c, d] = [right.y - origin.y, down.y - origin.y];
  const [x, y] = [at.x - origin.x, at.y - origin.y];
  const determinant = a * d - b * c;
  return [(x * d - b * y) / determinant, (a * y - c * x) / determinant];
}

function wholeAxes(pose: Pose, size: Shapes): { readonly x: boolean; readonly y: boolean } {
  const [a, b] = [shown(pose, { x: 0, y: 0 }, size), shown(pose, { x: 1, y: 1 }, size)];
  const limit = 1 + 1e-6;
  return { x: Math.abs(a.x - b.x) <= limit, y: Math.abs(a.y - b.y) <= limit };
}
