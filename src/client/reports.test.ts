import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Reports } from "./reports.ts";

const small = { size: { width: 300, height: 170 } };
const large = { size: { width: 1280, height: 720 } };
const unknown = { size: { width: 0, height: 0 } };

let views: Map<number, { readonly size: { readonly width: number; readonly height: number } }>;
let reported: (readonly number[])[];
let reports: Reports;

beforeEach(() => {
  vi.useFakeTimers();
  views = new Map();
  reported = [];
  reports = new Reports(views, (numbers) => reported.push(numbers));
});

afterEach(() => vi.useRealTimers());

test("a large view is reported at each beat, and one whose size follows its pictures", () => {
  views.set(1, large).set(2, unknown);
  for (let beat = 0; beat < 3; beat++) reports.beat();
  expect(reported).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test("small ones take turns: each once in four beats, as many at each", () => {
  for (let view = 1; view <= 8; view++) views.set(view, small);
  for (let beat = 0; beat < 4; beat++) reports.beat();
  expect(reported.map((numbers) => numbers.length)).toEqual([2, 2, 2, 2]);
  expect(new Set(reported.flat())).toEqual(new Set(views.keys()));
});

test("changes are reported soon, however many, in one message", () => {
  views.set(1, small).set(2, small).set(3, small);
  reports.changed(2);
  reports.changed(1);
  reports.changed(2);
  expect(reported).toEqual([]);
  vi.runAllTimers();
  expect(reported).toEqual([[2, 1]]);
  reports.changed();
  vi.runAllTimers();
  expect(reported.at(-1)).toEqual([1, 2, 3]);
});

test("of a view that has ended meanwhile nothing is said, nor after the end of all", () => {
  views.set(1, small).set(2, small);
  reports.changed();
  views.delete(1);
  vi.runAllTimers();
  expect(reported).toEqual([[2]]);
  reports.changed();
  reports.close();
  vi.runAllTimers();
  expect(reported).toHaveLength(1);
});
