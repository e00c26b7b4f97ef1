import { expect, test } from "vitest";
import { unknownCommand } from "./unknown-command.ts";

test.each([
  ["camera", 'unknown command "camera": did you mean "cameras"?'],
  ["docter", 'unknown command "docter": did you mean "doctor"?'],
  ["record-all-of-it", 'unknown command "record-all-of-it": expected cameras, doctor'],
  ["front=/dev/video0", 'unknown command "front=/dev/video0": a camera is named as --camera ID=SOURCE'],
  [
    "yard=rtsp://bob:hunter2@10.0.0.9/live",
    'unknown command "yard=rtsp://bob:***@10.0.0.9/live": a camera is named as --camera ID=SOURCE',
  ],
  ["test:", 'unknown command "test:": a camera is named as --camera ID=SOURCE'],
])("%s", (word, sentence) => {
  expect(unknownCommand(word, ["cameras", "doctor"])).toBe(sentence);
});
