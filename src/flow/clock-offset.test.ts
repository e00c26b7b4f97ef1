import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Micros } from "../protocol/index.ts";
import { ClockOffset } from "./clock-offset.ts";

const us = (value: number): Micros => value as Micros;

test("there is no offset before the first answer", () => {
  const clock = new ClockOffset();
  expect(clock.offsetMicros).toBeUndefined();
  expect(clock.roundTripMs).toBeUndefined();
});

test("an answer in the middle of its round trip gives the offset exactly", () => {
  const clock = new ClockOffset();
  clock.add(us(1_000), us(501_500), us(2_000));
  expect(clock.offsetMicros).toBe(500_000);
  expect(clock.roundTripMs).toBe(1);
});

test("the shortest round trip wins, whatever came later", () => {
  const clock = new ClockOffset();
  clock.add(us(0), us(105_000), us(10_000)); // 10 ms round trip, true offset 100 ms
  clock.add(us(1_000_000), us(1_290_000), us(1_200_000)); // 200 ms, answered late
  expect(clock.offsetMicros).toBe(100_000);
  clock.add(us(2_000_000), us(2_101_000), us(2_002_000)); // 2 ms
  expect(clock.offsetMicros).toBe(100_000);
  expect(clock.roundTripMs).toBe(2);
});

test("an old answer ages out, so a drifting clock is followed", () => {
  const clock = new ClockOffset();
  clock.add(us(0), us(500), us(1_000)); // 1 ms round trip: hard to beat
  clock.add(us(61_000_000), us(61_025_000), us(61_010_000));
  expect(clock.offsetMicros).toBe(20_000);
});

test("an answer is also forgotten after eight newer ones", () => {
  const clock = new ClockOffset();
  clock.add(us(0), us(500), us(1_000));
  for (let i = 1; i <= 8; i++)
    clock.add(us(i * 1_000_000), us(i * 1_000_000 + 8_000), us(i * 1_000_000 + 2_000));
  expect(clock.offsetMicros).toBe(7_000);
});

test("this clock being set back neither breaks nor sticks", () => {
  const clock = new ClockOffset();
  clock.add(us(100_000_000), us(100_000_500), us(100_001_000));
  clock.add(us(100_000_000), us(90_000_000), us(90_000_000)); // set back during the question: ignored
  expect(clock.offsetMicros).toBe(0);
  clock.add(us(90_000_000), us(100_002_000), us(90_002_000)); // the offset of the clock as it is now
  expect(clock.offsetMicros).toBe(10_001_000);
});

test("clear forgets", () => {
  const clock = new ClockOffset();
  clock.add(us(0), us(500), us(1_000));
  clock.clear();
  expect(clock.offsetMicros).toBeUndefined();
});

test("the error is never more than half the shortest round trip", () => {
  const trip = fc.record({
    there: fc.integer({ min: 0, max: 500_000 }),
    back: fc.integer({ min: 0, max: 500_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(trip, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (trips, offset) => {
        const clock = new ClockOffset();
        let at = 0;
        for (const { there, back } of trips) {
          clock.add(us(at), us(at + there + offset), us(at + there + back));
          at += 2_000_000;
        }
        const shortest = Math.min(...trips.map(({ there, back }) => there + back));
        expect(Math.abs((clock.offsetMicros ?? Number.NaN) - offset)).toBeLessThanOrEqual(shortest / 2);
      },
    ),
  );
});

describe("the round trip of the way", () => {
  const SECOND = 1_000_000;
  /** A question at `second`, answered after `roundTripMs`. */
  const answer = (clock: ClockOffset, second: number, roundTripMs: number): void => {
    const sent = us(second * SECOND);
    clock.add(sent, sent, us(sent + roundTripMs * 1_000));
  };

  test("has no queue in it, however long answers stand in one", () => {
    const clock = new ClockOffset();
    answer(clock, 1, 20);
    for (let second = 2; second < 600; second += 2) {
      clock.frame(us((second + 0.5) * SECOND));
      answer(clock, second, 900 + second);
    }
    expect(clock.roundTripMs).toBeGreaterThan(900);
    expect(clock.wayMs).toBe(170);
  });

  test("follows a way that gets longer, once an answer comes before any frame", () => {
    const clock = new ClockOffset();
    answer(clock, 1, 20);
    for (let second = 100; second < 120; second += 2) {
      clock.frame(us((second + 0.1) * SECOND));
      answer(clock, second, 700);
    }
    expect(clock.wayMs).toBe(170);
    clock.frame(us(120 * SECOND));
    answer(clock, 121, 700);
    expect(clock.wayMs).toBe(700);
  });

  test("is that of the new connection behind a reconnect", () => {
    const clock = new ClockOffset();
    answer(clock, 1, 20);
    clock.clear();
    expect(clock.wayMs).toBeUndefined();
    answer(clock, 2, 900);
    expect(clock.wayMs).toBe(900);
  });
});
