import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bottleneck, type Conditions, PACKET_BYTES } from "./bottleneck.ts";

const WIDE: Conditions = {
  rate: [{ fromMs: 0, bitsPerSecond: Number.POSITIVE_INFINITY }],
  delayMs: 0,
  jitterMs: 0,
  queueBytes: 1e6,
};
const NARROW: Conditions = { ...WIDE, rate: [{ fromMs: 0, bitsPerSecond: 8e6 }] };

interface Put {
  readonly owner: number;
  readonly bytes: number;
  readonly afterMs: number;
}

interface Out {
  readonly owner: number;
  readonly values: readonly number[];
  readonly atMs: number;
}

/** Put bytes in, each with its number as its value, and take whenever something is due. */
function run(conditions: Conditions, puts: readonly Put[], random: () => number = Math.random) {
  const line = new Bottleneck<number>(conditions, random);
  const arrivals: Out[] = [];
  const sent: { atMs: number; owner: number; value: number }[] = [];
  const takeUntil = (endMs: number): void => {
    for (let next = line.nextMs; next !== undefined && next <= endMs; next = line.nextMs) {
      for (const { owner, bytes } of line.take(next))
        arrivals.push({ owner, values: [...bytes], atMs: next });
    }
  };
  let nowMs = 0;
  for (const { owner, bytes, afterMs } of puts) {
    nowMs += afterMs;
    takeUntil(nowMs);
    const values = Uint8Array.from({ length: bytes }, (_, i) => (sent.length + i) % 256);
    for (const value of values) sent.push({ atMs: nowMs, owner, value });
    line.push(owner, values, nowMs);
  }
  takeUntil(Number.MAX_VALUE);
  return { sent, arrivals };
}

const puts = fc.array(
  fc.record({
    owner: fc.integer({ min: 0, max: 2 }),
    bytes: fc.integer({ min: 1, max: 4000 }),
    afterMs: fc.integer({ min: 0, max: 20 }),
  }),
  { maxLength: 30 },
);
const conditions = fc.record({
  rate: fc
    .array(
      fc.record({
        fromMs: fc.integer({ min: 0, max: 300 }),
        bitsPerSecond: fc.integer({ min: 2e5, max: 2e7 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((steps) => steps.toSorted((a, b) => a.fromMs - b.fromMs)),
  delayMs: fc.integer({ min: 0, max: 100 }),
  jitterMs: fc.integer({ min: 0, max: 50 }),
  queueBytes: fc.constant(1e6),
});

describe("a bottleneck", () => {
  test("a frame arrives bit by bit, the last of it after its transfer and the delay", () => {
    const { arrivals } = run({ ...NARROW, delayMs: 20 }, [{ owner: 0, bytes: 100_000, afterMs: 0 }]);
    expect(arrivals[0]?.atMs).toBeCloseTo(21.5);
    expect(arrivals[0]?.values).toHaveLength(PACKET_BYTES);
    expect(arrivals.at(-1)?.atMs).toBeCloseTo(120);
  });

  test("what is put in later waits for what is before it, whoever sent that", () => {
    const { arrivals } = run(NARROW, [
      { owner: 0, bytes: 10_000, afterMs: 0 },
      { owner: 1, bytes: 1_000, afterMs: 5 },
    ]);
    expect(arrivals.at(-1)?.owner).toBe(1);
    expect(arrivals.at(-1)?.atMs).toBeCloseTo(11);
  });

  test("the queue has room again for what has left, whether it arrived or not", () => {
    const line = new Bottleneck<number>({ ...NARROW, delayMs: 1000, queueBytes: 3000 }, () => 0);
    line.push(0, new Uint8Array(3000), 0);
    expect(line.roomBytes(0)).toBe(0);
    expect(line.roomBytes(1.5)).toBe(1500);
    expect(line.roomBytes(3)).toBe(3000);
    expect(line.take(3)).toEqual([]);
  });

  test("an end arrives behind the bytes before it", () => {
    const line = new Bottleneck<number>({ ...NARROW, delayMs: 5 }, () => 0);
    line.push(0, new Uint8Array(1000), 0);
    line.push(0, new Uint8Array(0), 0);
    expect(line.take(5.9)).toEqual([]);
    expect(line.take(6).map(({ bytes }) => bytes.byteLength)).toEqual([1000, 0]);
    expect(line.nextMs).toBeUndefined();
  });

  test("a wide link cuts nothing and waits for nothing", () => {
    const line = new Bottleneck<number>(WIDE, () => 0);
    line.push(0, new Uint8Array(100_000), 3);
    expect(line.take(3).map(({ bytes }) => bytes.byteLength)).toEqual([100_000]);
  });

  test("every byte arrives once, in order, and never before its delay", () => {
    fc.assert(
      fc.property(conditions, puts, (some, list) => {
        const { sent, arrivals } = run(some, list);
        const flat = arrivals.flatMap(({ owner, values, atMs }) =>
          values.map((value) => ({ owner, value, atMs })),
        );
        expect(flat.length).toBe(sent.length);
        const wrong = flat.findIndex(({ owner, value, atMs }, i) => {
          const put = sent[i]!;
          return owner !== put.owner || value !== put.value || atMs < put.atMs + some.delayMs;
        });
        expect(wrong).toBe(-1);
      }),
    );
  });

  test("no span of time carries more than its rate and one packet", () => {
    fc.assert(
      fc.property(conditions, puts, (some, list) => {
        const { arrivals } = run({ ...some, jitterMs: 0 }, list);
        const steps = [{ ...some.rate[0]!, fromMs: 0 }, ...some.rate.slice(1)];
        for (const [i, first] of arrivals.entries()) {
          let bytes = 0;
          for (const last of arrivals.slice(i)) {
            bytes += last.values.length;
            const [from, to] = [first.atMs - some.delayMs, last.atMs - some.delayMs];
            if (bytes > capacityBytes(steps, from, to) + PACKET_BYTES + 1e-6)
              expect.unreachable(`${bytes} bytes`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

function capacityBytes(
  steps: readonly { fromMs: number; bitsPerSecond: number }[],
  fromMs: number,
  toMs: number,
): number {
  return steps.reduce((sum, step, i) => {
    const endMs = Math.min(toMs, steps[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY);
    return sum + (Math.max(0, endMs - Math.max(fromMs, step.fromMs)) * step.bitsPerSecond) / 8000;
  }, 0);
}
