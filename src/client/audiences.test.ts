import { expect, test } from "vitest";
import { Audiences } from "./audiences.ts";
import { StageView } from "./stage-view.ts";
import type { Surface } from "./surface.ts";

function view(camera: string, playing = true): StageView {
  const added = new StageView({ camera, wish: {}, plays: false, surface: {} as Surface, dark: () => {} });
  added.playing = playing;
  return added;
}

test("those that play and have the same choice belong together", () => {
  const [one, two, three] = [view("a"), view("b"), view("a")];
  const audiences = new Audiences(
    new Map([
      [1, one],
      [2, two],
      [3, three],
      [4, view("a", false)],
    ]),
  );
  expect(audiences.of(one.key)).toEqual([one, three]);
  expect(audiences.of(two.key)).toEqual([two]);
  expect(audiences.of("c//false")).toEqual([]);
});

test("what changed is seen once it is said", () => {
  const views = new Map([[1, view("a")]]);
  const audiences = new Audiences(views);
  const [key, other] = [view("a").key, view("b")];
  expect(audiences.of(key)).toHaveLength(1);
  views.set(2, other);
  other.camera = "a";
  audiences.changed();
  expect(audiences.of(key)).toHaveLength(2);
  other.playing = false;
  audiences.changed();
  expect(audiences.of(key)).toHaveLength(1);
});
