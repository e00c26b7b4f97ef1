import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket } from "../../test/support/fake-socket.ts";
import { Control, Frame, type Micros, micros } from "../protocol/index.ts";
import { Connection } from "./connection.ts";
import type { Socket } from "./socket.ts";

const OFFSET_MICROS = 3_000_000;

let sockets: FakeSocket[];
let connection: Connection;
/** When the steady clock began, on the time of day as it was before anybody set it, in µs. */
let began: number;

function last(): FakeSocket {
  return sockets.at(-1)!;
}

/** The server's clock, which nobody sets. */
const at = (): Micros => micros(began + performance.now() * 1000 + OFFSET_MICROS);

/** Answer all questions until now. */
function answer(): void {
  for (const data of last().sent.splice(0)) {
    const message = typeof data === "string" ? Control.decode(data) : undefined;
    if (message?.type === "time") last().tell({ ...message, at: at() });
  }
}

/** For so many ms, with an answer 20 ms after each question at most. */
function converse(ms: number): void {
  for (let passed = 0; passed < ms; passed += 20) {
    vi.advanceTimersByTime(20);
    answer();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  began = Date.now() * 1000 - performance.now() * 1000;
  const open = (): Socket => {
    sockets.push(new FakeSocket());
    return last();
  };
  const nothing = (): void => {};
  const listener = { link: nothing, cameras: nothing, watching: nothing, frame: nothing };
  connection = new Connection({ url: "ws://hub/ws", open }, listener);
  connection.open();
  last().accept();
  converse(10_000);
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

test.each([-600_000, 600_000])("the time of day is set by %i ms: silence is noticed as ever", (stepMs) => {
  const socket = last();
  vi.advanceTimersByTime(1_000);
  vi.setSystemTime(Date.now() + stepMs);
  vi.advanceTimersByTime(9_000);
  expect(socket.closedWith).toBe(4408);
});

test.each([-600_000, 600_000])(
  "the time of day is set by %i ms: who answers is not taken for silent",
  (stepMs) => {
    vi.advanceTimersByTime(1_900);
    vi.setSystemTime(Date.now() + stepMs);
    const most: number[] = [];
    for (let count = 0; count < 500; count++) {
      converse(20);
      most.push(connection.openMs);
    }
    expect(Math.max(...most)).toBeLessThanOrEqual(2_000);
    expect(sockets).toHaveLength(1);
  },
);

test("how long a question has been open is told by the steady clock", () => {
  vi.advanceTimersByTime(4_000);
  const { openMs } = connection;
  expect(openMs).toBeGreaterThan(1_000);
  vi.setSystemTime(Date.now() + 600_000);
  expect(connection.openMs).toBe(openMs);
  vi.setSystemTime(Date.now() - 1_200_000);
  expect(connection.openMs).toBe(openMs);
});

test.each([-600_000, -10_000, 10_000, 600_000])(
  "the time of day is set by %i ms: the next answers tell by how much",
  (stepMs) => {
    const before = Date.now() - performance.now();
    expect(connection.clock.offsetMicros).toBeDefined();
    vi.setSystemTime(Date.now() + stepMs);
    converse(4_100);
    const offsetMicros = began + OFFSET_MICROS - (before + stepMs) * 1000;
    const { offsetMicros: told = Number.NaN } = connection.clock;
    expect(Math.abs(told - offsetMicros)).toBeLessThan(20_000);
    converse(60_000);
    expect(Math.abs((connection.clock.offsetMicros ?? Number.NaN) - offsetMicros)).toBeLessThan(20_000);
    expect(connection.clock.roundTripMs).toBeLessThanOrEqual(20);
  },
);

test("answers that stand behind frames do not make the way longer", () => {
  const frame = { track: 1, sequence: 1, capturedAt: at(), keyframe: true, discardable: false, layer: 0 };
  for (let count = 0; count < 20; count++) {
    vi.advanceTimersByTime(2_900);
    last().say(Frame.encode({ ...frame, payload: new Uint8Array(1) }).slice().buffer);
    answer();
  }
  expect(connection.clock.roundTripMs).toBeGreaterThan(500);
  expect(connection.clock.wayMs).toBeLessThan(200);
});
