import { expect, test } from "vitest";
import type { CameraInfo, CameraState, Micros } from "../../protocol/index.ts";
import { Spoken } from "./spoken.ts";

function cameras(...states: CameraState[]): CameraInfo[] {
  return states.map((state, index) => ({
    id: `c${index}`,
    name: `Camera ${index}`,
    source: "test:",
    state,
    since: 0 as Micros,
    tracks: [],
  }));
}

test("how it begins is seen, not said", () => {
  expect(new Spoken().update(cameras("live", "gone"))).toBeUndefined();
});

test("a camera that fails and one that is back are named, opening and closing are not", () => {
  const spoken = new Spoken();
  spoken.update(cameras("closed", "live"));
  expect(spoken.update(cameras("opening", "live"))).toBeUndefined();
  expect(spoken.update(cameras("live", "gone"))).toBe("Camera 1 gone");
  expect(spoken.update(cameras("live", "gone"))).toBeUndefined();
  expect(spoken.update(cameras("stalled", "live"))).toBe("Camera 0 stalled, Camera 1 is back");
});

test("of many at once the number is said", () => {
  const spoken = new Spoken();
  spoken.update(cameras("live", "live", "live", "live", "live"));
  expect(spoken.update(cameras("gone", "gone", "gone", "gone", "live"))).toBe(
    "4 of 5 cameras give no picture",
  );
  expect(spoken.update(cameras("live", "live", "live", "live", "live"))).toBe("All 5 cameras are well");
});
