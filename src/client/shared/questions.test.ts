import { beforeEach, expect, test } from "vitest";
import { SimulatedTime } from "../../../test/support/simulated-time.ts";
import { Questions } from "./questions.ts";

let time: SimulatedTime;
let sent: (readonly [question: string, heldMs: number])[];
let questions: Questions<string>;

beforeEach(() => {
  time = new SimulatedTime();
  sent = [];
  const clock = {
    nowMs: () => time.nowMs,
    after: (ms: number, run: () => void): void => time.after(ms, run),
  };
  questions = new Questions(clock, (question, heldMs) => sent.push([question, heldMs]));
});

test("where no frames are asked for, a question goes at once", () => {
  questions.ask("one");
  expect(sent).toEqual([["one", 0]]);
});

test("where they are, it waits for the next time, and it is known how long", () => {
  questions.asking();
  questions.ask("one");
  time.run(40);
  questions.ask("two");
  time.run(100);
  expect(sent).toEqual([]);
  questions.asking();
  expect(sent).toEqual([
    ["one", 100],
    ["two", 60],
  ]);
});

test("but not for ever", () => {
  questions.asking();
  questions.ask("one");
  time.run(499);
  expect(sent).toEqual([]);
  time.run(501);
  expect(sent).toEqual([["one", 500]]);
  questions.ask("two");
  expect(sent).toHaveLength(2);
});
