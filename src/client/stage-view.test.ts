import { beforeEach, expect, test } from "vitest";
import type { Player, Shown } from "./player.ts";
import { StageView } from "./stage-view.ts";
import type { Surface } from "./surface.ts";
import type { DecoderName } from "./way.ts";

let nextStream = 1;
let left: Player[];
let darkened: number;
let view: StageView;
const surface = { clear: () => undefined } as unknown as Surface;
const leave = (player: Player): void => void left.push(player);

beforeEach(() => {
  left = [];
  darkened = 0;
  const dark = (): void => void darkened++;
  view = new StageView({ camera: "front", wish: {}, plays: true, surface, dark });
});

type Changing = Player & { paintedAtMs: number | undefined; shown: Shown | undefined };

/** As much of a player as a view looks at. */
function player(track: string, decoder: DecoderName = "webcodecs"): Changing {
  return {
    camera: "front",
    way: { track, codec: "avc1.42E01F", decoder },
    stream: nextStream++,
    views: new Set(),
    surfaces: new Set(),
    counters: { painted: 0, skipped: 0, overwritten: 0, failed: 0 },
    plays: decoder === "mse",
    viewsChanged: () => {},
    paintedAtMs: undefined,
    shown: undefined,
  } as unknown as Changing;
}

function begin(shown: ReturnType<typeof player>, atMs: number): void {
  shown.paintedAtMs = atMs;
  shown.counters.painted++;
  view.began(shown, leave);
}

test("the present track shows until the next one has a picture", () => {
  const [first, second] = [player("h264"), player("h264-270p")];
  view.follow(first, false, leave);
  begin(first, 100);
  view.follow(second, false, leave);
  expect([view.player, view.latest]).toEqual([first, second]);
  expect(view.way?.track).toBe("h264");
  begin(second, 200);
  expect([view.player, view.way?.track]).toEqual([second, "h264-270p"]);
  expect(left).toEqual([first]);
  expect(first.surfaces.size).toBe(0);
});

test("in a hurry it stops at once, its picture stays, and what is said of that stays true", () => {
  const [first, second] = [player("h264"), player("h264-270p")];
  view.follow(first, false, leave);
  begin(first, 100);
  view.follow(second, true, leave);
  expect(left).toEqual([first]);
  expect([view.player, view.way?.track, view.paintedAtMs]).toEqual([second, "h264", 100]);
  begin(second, 300);
  expect([view.way?.track, view.paintedAtMs]).toEqual(["h264-270p", 300]);
});

test("a change of mind leaves what has not begun", () => {
  const [first, second, third] = [player("h264"), player("h264-540p"), player("h264-270p")];
  view.follow(first, false, leave);
  begin(first, 100);
  view.follow(second, false, leave);
  view.follow(third, false, leave);
  expect(left).toEqual([second]);
  view.follow(first, false, leave);
  expect(left).toEqual([second, third]);
  expect(view.latest).toBe(first);
});

test("counts go on from one track to the next, and start anew after a rest", () => {
  const [first, second] = [player("h264"), player("jpeg", "image")];
  view.follow(first, false, leave);
  begin(first, 100);
  first.counters.skipped = 5;
  view.follow(second, false, leave);
  // Somebody else has watched it for a while.
  second.counters.painted = 40;
  second.paintedAtMs = 150;
  view.follow(second, false, leave);
  begin(second, 200);
  expect(view.counts()).toMatchObject({ framesSkipped: 5 });
  view.stop(leave);
  expect(view.counts()).toMatchObject({ framesPainted: 0, framesSkipped: 0 });
});

test("a video takes over with the first piece of its stream, and is put out when the canvas has a picture", () => {
  const [first, second, third] = [player("h264", "mse"), player("h264-270p", "mse"), player("jpeg", "image")];
  view.follow(first, false, leave);
  begin(first, 100);
  view.follow(second, false, leave);
  view.takeOver(first.stream, leave);
  expect(view.player).toBe(first);
  view.takeOver(second.stream, leave);
  expect([view.player, view.way?.track]).toEqual([second, "h264"]);
  begin(second, 200);
  expect([view.way?.track, darkened]).toEqual(["h264-270p", 0]);
  view.follow(third, true, leave);
  expect(darkened).toBe(0);
  begin(third, 300);
  expect(darkened).toBe(1);
});

test("the picture on the screen grows older whatever happens, until another one is there or it is taken off", () => {
  const [first, second] = [player("h264"), player("h264-270p")];
  expect(view.pictureAgeMs(0)).toBeUndefined();
  view.follow(first, false, leave);
  begin(first, 100);
  first.shown = { paintedAtMs: 100, ageMs: 40 };
  expect(view.pictureAgeMs(110)).toBe(50);
  // The recorder starts anew.
  first.paintedAtMs = undefined;
  view.restart();
  expect(view.pictureAgeMs(1_100)).toBe(1_040);
  view.follow(second, true, leave);
  expect(view.pictureAgeMs(2_100)).toBe(2_040);
  view.stop(leave);
  expect(view.pictureAgeMs(3_100)).toBe(3_040);
  view.follow(second, false, leave);
  second.shown = { paintedAtMs: 3_200, ageMs: 30 };
  expect(view.pictureAgeMs(3_200)).toBe(30);
  view.stop(leave);
  view.turn("back");
  expect(view.pictureAgeMs(3_300)).toBeUndefined();
});

test("a video that is put out takes its picture along", () => {
  const only = player("h264", "mse");
  view.follow(only, false, leave);
  begin(only, 100);
  only.shown = { paintedAtMs: 100, ageMs: 0 };
  view.stop(leave);
  expect(view.pictureAgeMs(200)).toBeUndefined();
});
