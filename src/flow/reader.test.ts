import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Frame, Limits, type Micros } from "../protocol/index.ts";
import { Gop } from "./gop.ts";
import { MAX_LAG_MICROS, Reader } from "./reader.ts";

const INTERVAL = 33_000;
const frame = (
  sequence: number,
  kind: "key" | "delta" | "discardable",
  capturedAt = sequence * INTERVAL,
): Frame.Frame => ({
  track: 1,
  sequence,
  capturedAt: capturedAt as Micros,
  keyframe: kind === "key",
  discardable: kind === "discardable",
  layer: 0,
  payload: new Uint8Array(1),
});
const all = (reader: Reader, gop: Gop): number[] => {
  const taken: number[] = [];
  for (let next = reader.next(gop); next !== undefined; next = reader.next(gop)) taken.push(next.sequence);
  return taken;
};

describe("a reader", () => {
  test("that comes in the middle of a long GOP takes all of it at once", () => {
    const gop = new Gop();
    for (let n = 0; n < 300; n++) gop.put(frame(n, n === 0 ? "key" : "delta"));
    expect(all(new Reader({ skipsDiscardable: true }), gop)).toHaveLength(300);
  });

  test("is behind until it has taken the newest, and while it has given the GOP up", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    expect(reader.isBehind(gop)).toBe(true);
    gop.put(frame(0, "key"));
    expect(reader.isBehind(gop)).toBe(true);
    reader.next(gop);
    expect(reader.isBehind(gop)).toBe(false);
    for (let n = 1; n < 30; n++) gop.put(frame(n, "delta"));
    expect(all(reader, gop)).toEqual([]);
    expect(reader.starving).toBe(true);
    expect(reader.isBehind(gop)).toBe(true);
  });

  test("that falls behind gives the GOP up, says so, and goes on at the next keyframe", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    gop.put(frame(0, "key"));
    gop.put(frame(1, "delta"));
    expect(all(reader, gop)).toEqual([0, 1]);
    const far = 3 + Math.ceil(MAX_LAG_MICROS / INTERVAL);
    for (let n = 2; n <= far; n++) gop.put(frame(n, "delta"));
    expect(all(reader, gop)).toEqual([]);
    expect(reader.starving).toBe(true);
    gop.put(frame(far + 1, "delta"));
    expect(all(reader, gop)).toEqual([]);
    gop.put(frame(far + 2, "key"));
    gop.put(frame(far + 3, "delta"));
    expect(all(reader, gop)).toEqual([far + 2, far + 3]);
    expect(reader.starving).toBe(false);
  });

  test("that never catches up after it came does not go on watching the past", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    for (let n = 0; n < 100; n++) gop.put(frame(n, n === 0 ? "key" : "delta"));
    // It reads one frame for every two that come: half of the rate that it needs.
    let newest = 99;
    for (let read = 0; !reader.starving && read < 1000; read++) {
      reader.next(gop);
      gop.put(frame(++newest, "delta"));
      gop.put(frame(++newest, "delta"));
    }
    expect(reader.starving).toBe(true);
    expect(newest).toBeLessThan(140);
  });

  test("leaves out what nobody needs when it is behind, and nothing when it is not", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    gop.put(frame(0, "key"));
    gop.put(frame(1, "discardable"));
    expect(all(reader, gop)).toEqual([0, 1]);
    gop.put(frame(2, "delta"));
    gop.put(frame(3, "discardable"));
    gop.put(frame(4, "delta"));
    expect(all(reader, gop)).toEqual([2, 4]);
    const handsOn = new Reader({ skipsDiscardable: false });
    expect(all(handsOn, gop)).toEqual([0, 1, 2, 3, 4]);
  });

  test("of keyframes only is never starving, however slow", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    for (let n = 0; n < 1000; n += 100) {
      gop.put(frame(n, "key"));
      gop.put(frame(n + 50, "key"));
      expect(all(reader, gop)).toEqual([n + 50]);
    }
  });

  test("that has nothing to begin with waits for a keyframe, and begins there", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    expect(reader.next(gop)).toBeUndefined();
    expect(reader.starving).toBe(false);
    for (let n = 0; n <= Limits.MAX_GOP_FRAMES; n++) gop.put(frame(n, n === 0 ? "key" : "delta"));
    expect(reader.next(gop)).toBeUndefined();
    expect(reader.starving).toBe(true);
    gop.put(frame(1000, "key"));
    expect(all(reader, gop)).toEqual([1000]);
    expect(reader.starving).toBe(false);
  });

  test("whose place was cut away has given the GOP up, and is patient from then on", () => {
    const gop = new Gop();
    const reader = new Reader({ skipsDiscardable: true });
    // All at one time: it is not late, there are only too many.
    for (let n = 0; n <= Limits.MAX_GOP_FRAMES; n++) {
      gop.put(frame(n, n === 0 ? "key" : "delta", 5_000_000));
      if (n < 2) reader.next(gop);
    }
    expect(reader.next(gop)).toBeUndefined();
    expect([reader.starving, reader.isPatient(gop)]).toEqual([true, true]);
    gop.put(frame(Limits.MAX_GOP_FRAMES + 1, "delta", 7_000_000));
    expect(reader.next(gop)).toBeUndefined();
    expect(reader.isPatient(gop)).toBe(false);
  });

  // Or nobody would ask for a keyframe.
  test("that finds nothing to take has the newest, or knows that it waits for a keyframe", () => {
    const step = fc.constantFrom("key", "delta", "many", "many", "lost", "clear", "read", "read");
    const script = fc.array(step, { maxLength: 40 });
    fc.assert(
      fc.property(script, (steps) => {
        const gop = new Gop();
        const reader = new Reader({ skipsDiscardable: true });
        let made = 0;
        for (const step of steps) {
          if (step === "clear") gop.clear();
          else if (step === "lost") made++;
          else if (step === "many") for (let n = 0; n < 400; n++) gop.put(frame(made++, "delta"));
          else if (step !== "read") gop.put(frame(made++, step));
          else {
            all(reader, gop);
            if (gop.newest !== undefined) expect(reader.starving).toBe(reader.isBehind(gop));
          }
        }
      }),
    );
  });

  // The promise of the protocol: a delta is only given to who was given its predecessor.
  test("never takes a delta after a hole, at any speed", () => {
    const script = fc.array(fc.constantFrom("key", "delta", "delta", "delta", "read"), { maxLength: 400 });
    fc.assert(
      fc.property(script, (steps) => {
        const gop = new Gop();
        const reader = new Reader({ skipsDiscardable: true });
        let made = 0;
        let last = -5;
        for (const step of steps) {
          if (step !== "read") gop.put(frame(made++, step === "key" ? "key" : "delta"));
          const got = step === "read" ? reader.next(gop) : undefined;
          if (got === undefined) continue;
          if (!got.keyframe) expect(got.sequence).toBe(last + 1);
          last = got.sequence;
        }
      }),
    );
  });
});

test("what a reader goes on without is counted, once, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ kind: fc.constantFrom("key", "delta", "discardable"), reads: fc.boolean() }), {
        minLength: 1,
      }),
      fc.constantFrom(0, 0xffff_fff0),
      (steps, first) => {
        const gop = new Gop();
        const reader = new Reader({ skipsDiscardable: true });
        const taken: number[] = [];
        let skipped = 0;
        const track = {
          get newest() {
            return gop.newest;
          },
          after: (sequence: number | undefined) => gop.after(sequence),
          skip: (frames: number) => {
            skipped += frames;
          },
        };
        steps.forEach(({ kind, reads }, n) => {
          gop.put(
            frame(
              (first + n) >>> 0,
              n === 0 ? "key" : (kind as "key" | "delta" | "discardable"),
              n * INTERVAL,
            ),
          );
          if (!reads) return;
          for (let next = reader.next(track); next !== undefined; next = reader.next(track)) {
            taken.push(next.capturedAt / INTERVAL);
          }
        });
        const span = taken.length === 0 ? 0 : (taken.at(-1) ?? 0) - (taken[0] ?? 0) + 1;
        // What was left out behind the last one taken counts too: it is known that no frame needs it.
        expect(skipped).toBeGreaterThanOrEqual(span - taken.length);
        expect(skipped + taken.length).toBeLessThanOrEqual(steps.length);
      },
    ),
  );
});
