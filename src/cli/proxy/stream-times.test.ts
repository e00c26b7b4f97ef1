import { describe, expect, test } from "vitest";
import { StreamTimes } from "./stream-times.ts";

const part = (capturedMs: number, body = "picture"): Buffer =>
  Buffer.from(
    `--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${body.length}\r\nX-Timestamp: ${(capturedMs / 1000).toFixed(6)}\r\n\r\n${body}\r\n`,
  );
/** Pictures 40 ms apart, each `lateMs(n)` later than it was captured. */
const watched = (count: number, lateMs: (n: number) => number): StreamTimes => {
  const times = new StreamTimes();
  for (let n = 1; n <= count; n++) times.push(part(40 * n), 40 * n + lateMs(n));
  return times;
};

describe("a stream", () => {
  test("that nobody holds up is no later than its way", () => {
    expect(watched(50, () => 105).flow(100)).toEqual({ pictures: 50, lateMs: 5, everyMs: 40, together: 0 });
  });

  test("of which each picture waits for the next is late by one", () => {
    expect(watched(50, () => 140).flow(100)).toMatchObject({ lateMs: 40, together: 0 });
  });

  test("that is collected comes several at once", () => {
    const { lateMs, together } = watched(50, (n) => 100 + 40 * (4 - (n % 5))).flow(100);
    expect(together).toBeGreaterThan(0.7);
    expect(lateMs).toBeGreaterThan(60);
  });

  test("that never comes has no picture", () => {
    expect(new StreamTimes().flow(0)).toEqual({ pictures: 0, lateMs: 0, everyMs: 0, together: 0 });
  });
});

test("pictures are found wherever the bytes are cut, also with blank lines inside", () => {
  const bytes = Buffer.concat([part(40, "a\r\n\r\nb"), part(80, "\r\n\r\n"), part(120)]);
  for (const size of [1, 7, 64, bytes.length]) {
    const times = new StreamTimes();
    for (let at = 0; at < bytes.length; at += size) times.push(bytes.subarray(at, at + size), at);
    expect(times.times.map(({ capturedMs }) => capturedMs)).toEqual([40, 80, 120]);
  }
});
