import { afterEach, beforeEach, expect, test } from "vitest";
import type { CameraControl } from "../protocol/index.ts";
import { ControlDesk } from "./control-desk.ts";

const BRIGHTNESS: CameraControl = {
  name: "brightness",
  kind: "range",
  min: 0,
  max: 255,
  step: 1,
  default: 128,
  value: 100,
};
const EXPOSURE: CameraControl = { ...BRIGHTNESS, name: "exposure", inactive: true };

interface Question {
  readonly set: Readonly<Record<string, number>> | undefined;
  answer(status: number, body: unknown): Promise<void>;
}

let questions: Question[];
let desk: ControlDesk;
let changes: number;

/** Let what was answered be heard. */
async function heard(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

beforeEach(async () => {
  questions = [];
  changes = 0;
  desk = new ControlDesk(
    "http://server/cameras/front/controls",
    () => changes++,
    (_, init) =>
      new Promise((resolve) => {
        questions.push({
          set: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
          answer: (status, body) => {
            resolve(Response.json(body, { status }));
            return heard();
          },
        });
      }),
  );
});

afterEach(() => desk.close());

async function ready(): Promise<void> {
  await questions[0]!.answer(200, [BRIGHTNESS, EXPOSURE]);
}

test("it reads what there is", async () => {
  expect(desk.state).toBe("reading");
  expect(questions.map(({ set }) => set)).toEqual([undefined]);
  await ready();
  expect(desk.state).toBe("ready");
  expect(desk.controls).toEqual([BRIGHTNESS, EXPOSURE]);
});

test("one request is under way; of what is moved meanwhile the newest is sent, in one", async () => {
  await ready();
  desk.set("brightness", 110);
  for (const value of [111, 112, 113]) desk.set("brightness", value);
  desk.set("exposure", 7);
  expect(questions.slice(1).map(({ set }) => set)).toEqual([{ brightness: 110 }]);
  await questions[1]!.answer(200, [{ ...BRIGHTNESS, value: 110 }, EXPOSURE]);
  expect(questions.slice(2).map(({ set }) => set)).toEqual([{ brightness: 113, exposure: 7 }]);
  await questions[2]!.answer(200, [
    { ...BRIGHTNESS, value: 113 },
    { ...EXPOSURE, value: 7 },
  ]);
  expect(questions).toHaveLength(3);
  expect(desk.controls.map(({ value }) => value)).toEqual([113, 7]);
});

test("an answer does not move the slider out of the hand", async () => {
  await ready();
  desk.set("brightness", 110);
  desk.set("brightness", 150);
  await questions[1]!.answer(200, [{ ...BRIGHTNESS, value: 110 }]);
  // The next one is under way: the answer before it is old.
  desk.set("brightness", 160);
  expect(desk.controls[0]!.value).toBe(160);
});

test("what the camera refuses is said, and what it has is shown", async () => {
  await ready();
  desk.set("brightness", 900);
  await questions[1]!.answer(409, { error: "brightness 900 is not right" });
  expect(desk.reason).toBe("brightness 900 is not right");
  await questions[2]!.answer(200, [BRIGHTNESS]);
  expect(desk).toMatchObject({ state: "ready", reason: "brightness 900 is not right", locked: false });
  expect(desk.controls[0]!.value).toBe(100);
  desk.set("brightness", 101);
  await questions[3]!.answer(200, [{ ...BRIGHTNESS, value: 101 }]);
  expect(desk.reason).toBeUndefined();
});

test("who may look and not change is told so once", async () => {
  await ready();
  desk.set("brightness", 1);
  await questions[1]!.answer(403, { error: "you may only watch" });
  await questions[2]!.answer(200, [BRIGHTNESS]);
  expect(desk).toMatchObject({ state: "ready", locked: true, reason: "you may only watch" });
  desk.set("brightness", 2);
  expect(questions).toHaveLength(3);
});

test.each([401, 403])("status %d: nothing to see", async (status) => {
  await questions[0]!.answer(status, { error: "no" });
  expect(desk.state).toBe("forbidden");
});

test("a camera without controls says so, and is asked again when it is another one", async () => {
  await questions[0]!.answer(409, { error: "the camera has no controls" });
  expect(desk).toMatchObject({ state: "none", reason: "the camera has no controls" });
  desk.refresh();
  await questions[1]!.answer(200, [BRIGHTNESS]);
  expect(desk).toMatchObject({ state: "ready", reason: undefined });
});

test("reset sets what can be adjusted and is not as it was", async () => {
  await questions[0]!.answer(200, [
    BRIGHTNESS,
    EXPOSURE,
    { ...BRIGHTNESS, name: "gain", value: 128 },
    { ...BRIGHTNESS, name: "go", kind: "button" },
  ]);
  desk.reset();
  expect(questions[1]!.set).toEqual({ brightness: 128 });
});

test("reset of one sets that one", async () => {
  await questions[0]!.answer(200, [BRIGHTNESS, { ...BRIGHTNESS, name: "gain" }]);
  desk.reset("gain");
  expect(questions[1]!.set).toEqual({ gain: 128 });
});

test("a server that gives no answer is no camera without controls", async () => {
  desk.close();
  desk = new ControlDesk(
    "http://server/",
    () => changes++,
    () => Promise.reject(new TypeError("failed")),
  );
  await heard();
  expect(desk).toMatchObject({ state: "none", reason: "the server does not answer" });
});

test("what is closed tells nothing more", async () => {
  desk.close();
  const before = changes;
  await questions[0]!.answer(200, [BRIGHTNESS]);
  expect(changes).toBe(before);
});
