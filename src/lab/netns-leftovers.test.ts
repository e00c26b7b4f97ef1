import { expect, test } from "vitest";
import { deadLabs } from "./netns-leftovers.ts";

const names = [
  "hello-lab-1",
  "hello-lab-22",
  "hello-lab-333",
  "hello-lab-",
  "hello-lab-22x",
  "my-hello-lab-4",
  "22",
];

test("only what a lab made that is gone counts as left over", () => {
  expect(deadLabs(names, (pid) => pid === 1, 9)).toEqual([22, 333]);
  expect(deadLabs(names, () => true, 9)).toEqual([]);
});

test("what has this process's own number is of one that had it before", () => {
  expect(deadLabs(names, () => true, 333)).toEqual([333]);
});
