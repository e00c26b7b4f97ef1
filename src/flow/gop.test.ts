import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Frame, Limits, type Micros } from "../protocol/index.ts";
import { Gop } from "./gop.ts";

const frame = (sequence: number, keyframe: boolean, bytes = 10): Frame.Frame => ({
  track: 1,
  sequence: sequence >>> 0,
  capturedAt: 1 as Micros,
  keyframe,
  discardable: false,
  layer: 0,
  payload: new Uint8Array(bytes),
});

describe("a GOP of keyframes only", () => {
  test("is a slot: the newest replaces the one before, and what nobody took is counted", () => {
    const gop = new Gop();
    gop.put(frame(1, true));
    gop.put(frame(2, true));
    expect(gop.overwritten).toBe(1);
    expect(gop.after(undefined)?.sequence).toBe(2);
    gop.put(frame(3, true));
    expect(gop.overwritten).toBe(1);
  });

  test("gives nothing to a reader that has the newest, whatever happened before", () => {
    const gop = new Gop();
    expect(gop.after(undefined)).toBeUndefined();
    gop.put(frame(5, true));
    expect(gop.after(5)).toBeUndefined();
    expect(gop.after(4)?.sequence).toBe(5);
  });

  test("serves a reader whose camera counts from 0 again", () => {
    const gop = new Gop();
    gop.put(frame(0, true));
    expect(gop.after(9000)?.sequence).toBe(0);
  });

  test("goes on where sequences wrap", () => {
    const gop = new Gop();
    gop.put(frame(0xffff_ffff, true));
    gop.put(frame(0x1_0000_0000, true));
    expect(gop.after(0xffff_ffff)?.sequence).toBe(0);
  });
});

describe("a GOP with deltas", () => {
  test("is read from its keyframe on, one by one", () => {
    const gop = new Gop();
    for (const [sequence, keyframe] of [
      [10, true],
      [11, false],
      [12, false],
    ] as const)
      gop.put(frame(sequence, keyframe));
    expect(gop.after(undefined)?.sequence).toBe(10);
    expect(gop.after(10)?.sequence).toBe(11);
    expect(gop.after(11)?.sequence).toBe(12);
    expect(gop.after(12)).toBeUndefined();
  });

  test("sends a reader that lags to the newer keyframe", () => {
    const gop = new Gop();
    gop.put(frame(10, true));
    gop.put(frame(11, false));
    gop.put(frame(12, true));
    expect(gop.after(10)?.sequence).toBe(12);
  });

  test("keeps no delta whose predecessor is missing", () => {
    const gop = new Gop();
    expect(gop.put(frame(9, false))).toBe(false);
    gop.put(frame(10, true));
    expect(gop.put(frame(12, false))).toBe(false);
    expect(gop.put(frame(13, false))).toBe(false);
    expect(gop.orphans).toBe(3);
    expect(gop.after(10)).toBeUndefined();
  });

  test("longer than its bounds goes on for those at its end, and newcomers wait", () => {
    const gop = new Gop();
    gop.put(frame(0, true));
    for (let sequence = 1; sequence <= Limits.MAX_GOP_FRAMES; sequence++) gop.put(frame(sequence, false));
    expect(gop.after(Limits.MAX_GOP_FRAMES - 1)?.sequence).toBe(Limits.MAX_GOP_FRAMES);
    expect(gop.after(undefined)).toBeUndefined();
    expect(gop.after(3)).toBeUndefined();
    gop.put(frame(9999, true));
    expect(gop.after(undefined)?.sequence).toBe(9999);
  });

  test("never holds more bytes than its bound", () => {
    const gop = new Gop();
    const third = Math.floor(Limits.MAX_GOP_BYTES / 3);
    gop.put(frame(0, true, third));
    for (let sequence = 1; sequence < 10; sequence++) gop.put(frame(sequence, false, third));
    let held = 0;
    for (let at: number | undefined = 0; at < 10; at++) if (gop.after(at) !== undefined) held++;
    expect(held).toBeLessThanOrEqual(3);
    expect(gop.after(8)?.sequence).toBe(9);
  });

  // What a decoder needs: it is given a keyframe, or the delta that follows what it was given last.
  test("never gives a reader a delta without its predecessor, whatever is lost and however slow the reader", () => {
    const steps = fc.array(fc.constantFrom("key", "delta", "lost", "read", "read"), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (script) => {
        const gop = new Gop();
        let next = 0xffff_fff0;
        let last: number | undefined;
        for (const step of script) {
          if (step === "read") {
            const got = gop.after(last);
            if (got === undefined) continue;
            if (!got.keyframe) expect(got.sequence).toBe(((last ?? -5) + 1) >>> 0);
            last = got.sequence;
          } else {
            if (step !== "lost") gop.put(frame(next, step === "key"));
            next++;
          }
        }
      }),
    );
  });
});

describe("a sparse GOP", () => {
  test("takes a delta behind a hole, and is read across it", () => {
    const gop = new Gop({ sparse: true });
    for (const [sequence, keyframe] of [
      [10, true],
      [12, false],
      [15, false],
    ] as const)
      expect(gop.put(frame(sequence, keyframe))).toBe(true);
    expect(gop.after(undefined)?.sequence).toBe(10);
    expect(gop.after(10)?.sequence).toBe(12);
    expect(gop.after(11)?.sequence).toBe(12);
    expect(gop.after(12)?.sequence).toBe(15);
    expect(gop.after(14)?.sequence).toBe(15);
    expect(gop.after(15)).toBeUndefined();
    expect(gop.after(16)?.sequence).toBe(10);
  });

  test("still begins with a keyframe, and never goes back", () => {
    const gop = new Gop({ sparse: true });
    expect(gop.put(frame(10, false))).toBe(false);
    gop.put(frame(11, true));
    expect(gop.put(frame(11, false))).toBe(false);
  });

  test("is read whole and in order, whatever was left out and wherever its sequences wrap", () => {
    const holes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 40 });
    fc.assert(
      fc.property(holes, fc.integer({ min: 0, max: 0xffff_ffff }), (steps, start) => {
        const gop = new Gop({ sparse: true });
        const put = [start >>> 0];
        gop.put(frame(start, true));
        for (const step of steps) {
          const sequence = (put.at(-1)! + step) >>> 0;
          gop.put(frame(sequence, false));
          put.push(sequence);
        }
        const read: number[] = [];
        for (let next = gop.after(undefined); next !== undefined; next = gop.after(next.sequence))
          read.push(next.sequence);
        expect(read).toEqual(put);
      }),
    );
  });
});
