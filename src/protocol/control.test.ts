import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Control from "./control.ts";
import { ProtocolError } from "./error.ts";
import type { Micros } from "./time.ts";

const CAMERA = {
  id: "front",
  name: "Front door",
  source: "/dev/video0",
  state: "gone",
  since: 1_700_000_000_000_000 as Micros,
  reason: "it was pulled out",
  tracks: [
    { name: "jpeg", codec: "jpeg", width: 1280, height: 720, rate: 30 },
    { name: "h264-270p", codec: "avc1.42C01E", width: 480, height: 270, rate: 30, bitrate: 400_000 },
  ],
} as const;

const MESSAGES: Control.Control[] = [
  { type: "hello", version: 1 },
  { type: "hello", version: 1, role: "control" },
  { type: "list" },
  { type: "watch", camera: "front", track: "jpeg", window: 2 },
  { type: "unwatch", camera: "front", track: "jpeg" },
  { type: "keyframe", camera: "front", track: "h264" },
  { type: "time", sent: 12.5 },
  { type: "time", sent: 12.5, at: 1_700_000_000_000_000 as Micros },
  { type: "cameras", cameras: [CAMERA] },
  { type: "camera", camera: CAMERA },
  {
    type: "camera",
    camera: { ...CAMERA, state: "stalled", lastFrameAt: 1_699_999_999_000_000 as Micros, attempts: 3 },
  },
  {
    type: "camera",
    camera: { ...CAMERA, state: "live", settledAt: 1_700_000_001_000_000 as Micros },
  },
  { type: "removed", camera: "front" },
  { type: "watching", camera: "front", track: "jpeg", number: 7 },
  { type: "published", camera: "front", tracks: [{ track: "jpeg", number: 7 }] },
  { type: "demand", camera: "front", tracks: ["jpeg"] },
  { type: "refused", camera: "front", code: "HW_TAKEN", reason: "another has it" },
  { type: "adjust", camera: "front", call: 3, set: { brightness: -5 } },
  {
    type: "adjusted",
    camera: "front",
    call: 3,
    controls: [
      {
        name: "power_line_frequency",
        kind: "menu",
        min: 0,
        max: 2,
        step: 1,
        default: 1,
        value: 1,
        choices: [{ value: 1, label: "50 Hz" }],
        inactive: true,
      },
    ],
  },
  { type: "adjusted", camera: "front", call: 4, controls: [], reason: "it has none" },
  { type: "bye", code: "HW_CLOSING", reason: "closed here" },
];

describe("control messages", () => {
  test("are the text that the specification shows", () => {
    expect(Control.encode({ type: "watch", camera: "front", track: "jpeg", window: 2 })).toBe(
      '{"type":"watch","camera":"front","track":"jpeg","window":2}',
    );
  });

  test.each(MESSAGES.map((message) => [message.type, message] as const))("%s survives", (_, message) => {
    expect(Control.decode(Control.encode(message))).toEqual(message);
  });

  test("keep to what they know: a later version may add fields", () => {
    expect(Control.decode('{"type":"list","later":1}')).toEqual({ type: "list" });
  });

  test("take a state of a later version for a kind of gone", () => {
    const later = JSON.stringify({ type: "camera", camera: { ...CAMERA, state: "asleep" } });
    expect(Control.decode(later)).toEqual({ type: "camera", camera: CAMERA });
  });

  test.each([
    ["no JSON", "watch", /must be JSON/],
    ["no object", "[]", /an object/],
    ["no type", "{}", /has a type of hello/],
    ["a type from the prototype", '{"type":"constructor"}', /has a type of/],
    [
      "a bad camera",
      '{"type":"watch","camera":"Front","track":"jpeg","window":2}',
      /watch\.camera must match/,
    ],
    ["a window over the limit", '{"type":"watch","camera":"f","track":"jpeg","window":65}', /0 to 64/],
    ["half a window", '{"type":"watch","camera":"f","track":"jpeg","window":1.5}', /whole number/],
    ["a track number 0", '{"type":"watching","camera":"f","track":"jpeg","number":0}', /1 to 65535/],
    [
      "no state",
      `{"type":"camera","camera":${JSON.stringify({ ...CAMERA, state: 1 })}}`,
      /camera\.state must be text/,
    ],
    [
      "half an attempt",
      `{"type":"camera","camera":${JSON.stringify({ ...CAMERA, attempts: 0.5 })}}`,
      /camera\.attempts must be a whole number/,
    ],
    [
      "too many tracks",
      `{"type":"demand","camera":"f","tracks":${JSON.stringify(Array(17).fill("t"))}}`,
      /at most 16/,
    ],
    [
      "a control's name that is none",
      '{"type":"adjust","camera":"f","call":1,"set":{"a,b":1}}',
      /has a name that is none/,
    ],
    [
      "no number",
      '{"type":"adjust","camera":"f","call":1,"set":{"a":"1"}}',
      /adjust\.set\.a must be a number/,
    ],
    ["a long reason", `{"type":"bye","code":"x","reason":"${"x".repeat(513)}"}`, /512 characters/],
  ])("with %s are refused", (_, json, message) => {
    expect(() => Control.decode(json)).toThrow(
      expect.objectContaining({ code: "HW_MALFORMED", message: expect.stringMatching(message) }),
    );
  });

  test("of any JSON at all are read or refused, never anything else", () => {
    const values = fc.oneof(
      fc.json(),
      fc
        .record({
          type: fc.constantFrom(...MESSAGES.map((m) => m.type)),
          camera: fc.jsonValue(),
          tracks: fc.jsonValue(),
          cameras: fc.jsonValue(),
        })
        .map((v) => JSON.stringify(v)),
    );
    fc.assert(
      fc.property(values, (json) => {
        try {
          Control.decode(json);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

test("a role that a later version knows is taken for the least", () => {
  expect(Control.decode('{"type":"hello","version":1,"role":"director"}')).toEqual({
    type: "hello",
    version: 1,
    role: "view",
  });
});
