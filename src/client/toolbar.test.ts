import { expect, test } from "vitest";
import { MARKS } from "./marks.ts";
import { type Tool, toolOf } from "./toolbar.ts";

function tool(name: string, ...keys: string[]): Tool {
  return { name, keyName: name, keys, mark: MARKS.more, button: "never", press: () => undefined };
}

const TOOLS = [tool("right", "r"), tool("left", "shift+r"), tool("in", "+", "="), tool("out", "-", "_")];

function pressed(key: string, held: Partial<KeyboardEvent> = {}): string | undefined {
  const event = { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held };
  return toolOf(TOOLS, event as KeyboardEvent)?.name;
}

test("a key is for its tool, with capitals locked too", () => {
  expect([pressed("r"), pressed("R"), pressed("x")]).toEqual(["right", "right", undefined]);
});

test("with Shift it is for the other one, and for the same where there is no other", () => {
  expect(pressed("R", { shiftKey: true })).toBe("left");
  // A plus is on many keyboards where Shift is needed for it.
  expect([pressed("+", { shiftKey: true }), pressed("+"), pressed("_", { shiftKey: true })]).toEqual([
    "in",
    "in",
    "out",
  ]);
});

test.each(["ctrlKey", "metaKey", "altKey"])("with %s it is for the browser", (held) => {
  expect(pressed("r", { [held]: true })).toBeUndefined();
});
