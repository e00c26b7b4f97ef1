import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Bundle } from "./bundle.ts";

let sent: number[][];
let tracks: number;
let bundle: Bundle<number>;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  tracks = 20;
  bundle = new Bundle(
    () => tracks,
    (messages) => sent.push([...messages]),
  );
});

afterEach(() => vi.useRealTimers());

test("of few tracks each message goes at once", () => {
  tracks = 4;
  bundle.add(1);
  bundle.add(2);
  expect(sent).toEqual([[1], [2]]);
});

test("of many tracks those of one turn go together, in their order", () => {
  for (const message of [1, 2, 3]) bundle.add(message);
  expect(sent).toEqual([]);
  vi.runAllTimers();
  expect(sent).toEqual([[1, 2, 3]]);
  bundle.add(4);
  vi.runAllTimers();
  expect(sent).toEqual([[1, 2, 3], [4]]);
});

test("what is flushed goes once", () => {
  bundle.add(1);
  bundle.flush();
  expect(sent).toEqual([[1]]);
  vi.runAllTimers();
  expect(sent).toEqual([[1]]);
});

test("no bundle is longer than its receiver takes", () => {
  for (let message = 0; message < 200; message++) bundle.add(message);
  vi.runAllTimers();
  expect(sent.map(({ length }) => length)).toEqual([64, 64, 64, 8]);
});

test("nothing is sent to nobody", () => {
  bundle.add(1);
  bundle.clear();
  vi.runAllTimers();
  expect(sent).toEqual([]);
});
