import { expect, test } from "vitest";
import { Adjustments } from "./adjustments.ts";
import type { SourceControls } from "./frame-source.ts";
import { parseControls } from "./v4l2-controls.ts";

/** As v4l2-ctl 1.22 says it. */
const LISTING = `
User Controls

                     brightness 0x00980900 (int)    : min=-64 max=64 step=2 default=0 value=4 flags=slider
                 gain_automatic 0x00980912 (bool)   : default=1 value=1 flags=update
                           gain 0x00980913 (int)    : min=0 max=255 step=1 default=100 value=28 flags=inactive, volatile
           power_line_frequency 0x00980918 (menu)   : min=0 max=2 default=1 value=1 (50 Hz)
\t\t\t\t0: Disabled
\t\t\t\t1: 50 Hz
\t\t\t\t2: 60 Hz
                         button 0x0098f900 (button) : value=0 flags=write-only, execute-on-write
                integer_64_bits 0x0098f903 (int64)  : min=-9223372036854775808 max=9223372036854775807 step=1 default=0 value=0
                         string 0x0098f905 (str)    : min=2 max=4 step=1 value='  ' flags=has-payload
                   integer_menu 0x0098f907 (intmenu): min=1 max=8 default=4 value=4 (5 0x5)
\t\t\t\t4: 5 (0x5)
      read_only_integer_32_bits 0x0098f90c (int)    : min=0 max=255 step=1 default=0 value=0 flags=read-only
`;

test("controls are read from what v4l2-ctl says", () => {
  const big = Number.MAX_SAFE_INTEGER;
  expect(parseControls(LISTING)).toEqual([
    { name: "brightness", kind: "range", min: -64, max: 64, step: 2, default: 0, value: 4 },
    { name: "gain_automatic", kind: "switch", min: 0, max: 1, step: 1, default: 1, value: 1 },
    { name: "gain", kind: "range", min: 0, max: 255, step: 1, default: 100, value: 28, inactive: true },
    {
      name: "power_line_frequency",
      kind: "menu",
      min: 0,
      max: 2,
      step: 1,
      default: 1,
      value: 1,
      choices: [
        { value: 0, label: "Disabled" },
        { value: 1, label: "50 Hz" },
        { value: 2, label: "60 Hz" },
      ],
    },
    { name: "button", kind: "button", min: 1, max: 1, step: 1, default: 0, value: 0 },
    { name: "integer_64_bits", kind: "range", min: -big, max: big, step: 1, default: 0, value: 0 },
    {
      name: "integer_menu",
      kind: "menu",
      min: 1,
      max: 8,
      step: 1,
      default: 4,
      value: 4,
      choices: [{ value: 4, label: "5 (0x5)" }],
    },
  ]);
});

class FakeControls implements SourceControls {
  readonly written: Record<string, number>[] = [];
  broken = false;
  read = async () => parseControls(LISTING);
  write = async (values: ReadonlyMap<string, number>): Promise<void> => {
    if (this.broken) throw new Error("broken");
    this.written.push(Object.fromEntries(values));
  };
}

test.each([
  ["nonsense", 1, /there is no control "nonsense"; expected brightness, gain_automatic/],
  ["brightness", 65, /brightness 65 is not right: expected steps of 2 from -64 to 64/],
  ["brightness", 3, /expected steps of 2/],
  ["gain_automatic", 2, /expected a whole number from 0 to 1/],
  ["gain", 1.5, /expected a whole number from 0 to 255/],
  ["power_line_frequency", 3, /expected 0 \(Disabled\), 1 \(50 Hz\), 2 \(60 Hz\)/],
])("%s %d is refused, and nothing is set", async (name, value, sentence) => {
  const controls = new FakeControls();
  const both = new Map([
    ["gain", 1],
    [name, value],
  ]);
  await expect(new Adjustments(controls).adjust(both)).rejects.toThrow(sentence);
  expect(controls.written).toEqual([]);
});

test("what was set is set again after a replug, a button is not pressed again", async () => {
  const controls = new FakeControls();
  const adjustments = new Adjustments(controls);
  await adjustments.restore();
  expect(controls.written).toEqual([]);
  await adjustments.adjust(new Map([["brightness", 10]]));
  await adjustments.adjust(
    new Map([
      ["gain_automatic", 0],
      ["button", 1],
    ]),
  );
  await adjustments.restore();
  expect(controls.written.at(-1)).toEqual({ brightness: 10, gain_automatic: 0 });
  controls.broken = true;
  await adjustments.restore();
});
