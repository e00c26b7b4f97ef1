import { expect, test } from "vitest";
import { Questions } from "./questions.ts";

const LONG_MS = 60_000;

test("each question gets its own answer, in whatever order they come", async () => {
  const questions = new Questions<string>(LONG_MS);
  const asked: number[] = [];
  const answers = ["a", "b"].map(() => questions.ask((question) => asked.push(question)));
  questions.answer(asked[1]!, "second");
  questions.answer(asked[0]!, "first");
  questions.answer(asked[0]!, "late");
  expect(await Promise.all(answers)).toEqual(["first", "second"]);
});

test("no answer comes from one that is gone, or that takes too long", async () => {
  const gone = new Questions<string>(LONG_MS);
  const answer = gone.ask(() => {});
  gone.close();
  expect(await answer).toBeUndefined();
  expect(await new Questions<string>(1).ask(() => {})).toBeUndefined();
});
