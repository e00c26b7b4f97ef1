import { expect, test } from "vitest";
import type { CameraSpec } from "./camera-spec.ts";
import { recordOnly } from "./named-cameras.ts";

const camera = (id: string, more: Partial<CameraSpec> = {}): CameraSpec => ({
  id,
  name: id,
  source: "test:",
  ...more,
});

/** Recorders that only write down what is asked of them. */
function recorders(...running: CameraSpec[]) {
  const done: string[] = [];
  return {
    done,
    cameras: () => running,
    start: (wanted: CameraSpec) => void done.push(`start ${wanted.id}`),
    stop: async (id: string) => void done.push(`stop ${id}`),
    replace: async (wanted: CameraSpec) => void done.push(`replace ${wanted.id} at ${wanted.rate}`),
  };
}
const log = { info: () => {} };

test("only what differs is touched", async () => {
  const some = recorders(camera("a"), camera("b", { rate: 5 }), camera("c"));
  await recordOnly([camera("d"), camera("b", { rate: 6 }), camera("a")], some, log);
  expect(some.done.sort()).toEqual(["replace b at 6", "start d", "stop c"]);
});

test("the same in another order, or with nothing said aloud, is the same", async () => {
  const some = recorders(camera("a", { rate: 5, size: { width: 1, height: 2 } }));
  const again = {
    size: { width: 1, height: 2 },
    quality: undefined,
    source: "test:",
    rate: 5,
    name: "a",
    id: "a",
  };
  await recordOnly([again], some, log);
  expect(some.done).toEqual([]);
});

test("with nothing wanted, all end", async () => {
  const some = recorders(camera("a"), camera("b"));
  await recordOnly([], some, log);
  expect(some.done).toEqual(["stop a", "stop b"]);
});
