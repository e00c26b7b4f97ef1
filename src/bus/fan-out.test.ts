import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FanOut, type Member } from "./fan-out.ts";

/** A fan-out whose clock goes on by `costMs` with every ring, and whose later turns come when the test says so. */
class Stage {
  nowMs = 0;
  readonly waiting: (() => void)[] = [];
  readonly fanOut = new FanOut<Bell>({
    now: () => this.nowMs,
    later: (next) => void this.waiting.push(next),
  });

  /** One more member. */
  bell(costMs: number): Bell {
    const bell = new Bell(() => {
      this.nowMs += costMs;
    });
    this.fanOut.add(bell);
    return bell;
  }

  /** One turn of the event loop; how long it took. */
  turn(): number {
    const from = this.nowMs;
    this.waiting.shift()?.();
    return this.nowMs - from;
  }
}

class Bell implements Member {
  rung = 0;
  readonly #then: () => void;

  constructor(then: () => void) {
    this.#then = then;
  }

  ring(): void {
    this.rung++;
    this.#then();
  }
}

describe("a fan-out", () => {
  test("rings all at once when that is quick", () => {
    const stage = new Stage();
    const bells = Array.from({ length: 300 }, () => stage.bell(0.03));
    stage.fanOut.ring();
    expect(bells.every(({ rung }) => rung === 1)).toBe(true);
    expect(stage.waiting).toHaveLength(0);
    expect(stage.fanOut.prolong()).toBe(false);
  });

  test("gives the event loop its turn when there are many", () => {
    const stage = new Stage();
    const bells = Array.from({ length: 3000 }, () => stage.bell(0.02));
    stage.fanOut.ring();
    expect(stage.nowMs).toBeLessThan(17);
    const turns = [];
    while (stage.waiting.length > 0) turns.push(stage.turn());
    expect(Math.max(...turns)).toBeLessThan(3);
    expect(bells.every(({ rung }) => rung === 1)).toBe(true);
  });

  test("goes on where it was when it is rung again meanwhile: nobody is left out, nobody is first", () => {
    const stage = new Stage();
    const bells = Array.from({ length: 3000 }, () => stage.bell(0.02));
    stage.fanOut.ring();
    for (let turn = 0; turn < 400; turn++) {
      stage.turn();
      if (turn % 5 === 0) stage.fanOut.ring();
      expect(stage.waiting.length).toBe(1);
    }
    const counts = bells.map(({ rung }) => rung);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(Math.min(...counts)).toBeGreaterThan(10);
  });

  test("rings one that comes, and one that asks for it, within the round under way", () => {
    const stage = new Stage();
    const [first] = Array.from({ length: 3000 }, () => stage.bell(0.02));
    stage.fanOut.ring();
    expect(stage.fanOut.prolong()).toBe(true);
    const late = stage.bell(0.02);
    while (stage.waiting.length > 0) stage.turn();
    expect([first?.rung, late.rung]).toEqual([2, 1]);
  });

  test("whoever comes during a round takes nobody's turn, wherever it began", () => {
    const stage = new Stage();
    const bells = Array.from({ length: 64 }, () => stage.bell(1));
    stage.fanOut.ring();
    // A newer frame, between two parts: this round begins in the middle.
    stage.fanOut.ring();
    for (const bell of bells) bell.rung = 0;
    for (let n = 0; n < 3; n++) stage.bell(1);
    while (stage.waiting.length > 0) stage.turn();
    expect(bells.filter(({ rung }) => rung === 0)).toHaveLength(0);
  });

  type Step = { readonly do: "ring" | "turn" | "add" } | { readonly do: "remove"; readonly which: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.constantFrom<Step>({ do: "ring" }, { do: "turn" }, { do: "add" }),
    fc.record({ do: fc.constant("remove" as const), which: fc.nat(200) }),
  );

  test("whoever stays is rung, however others come and go", () => {
    const script = fc.array(step, { maxLength: 60 });
    fc.assert(
      fc.property(script, script, fc.integer({ min: 1, max: 200 }), (before, during, count) => {
        const stage = new Stage();
        const bells = Array.from({ length: count }, () => stage.bell(1));
        const play = (one: Step): void => {
          if (one.do === "remove") {
            const [gone] = bells.splice(one.which % Math.max(1, bells.length), 1);
            if (gone === undefined) return;
            expect(stage.fanOut.remove(gone)).toBe(true);
            expect(stage.fanOut.remove(gone)).toBe(false);
          } else if (one.do === "ring") {
            stage.fanOut.ring();
          } else if (one.do === "turn") {
            stage.turn();
          } else {
            bells.push(stage.bell(1));
          }
          expect(stage.waiting.length).toBeLessThanOrEqual(1);
        };
        before.forEach(play);
        for (const bell of bells) bell.rung = 0;
        const there = new Set(bells);
        stage.fanOut.ring();
        during.forEach(play);
        while (stage.waiting.length > 0) stage.turn();
        expect(bells.filter((bell) => there.has(bell) && bell.rung === 0)).toHaveLength(0);
        expect(stage.fanOut.members).toHaveLength(bells.length);
      }),
    );
  });

  test("members that leave while others are rung leave nobody out", () => {
    const picks = fc.array(fc.nat(299), { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(picks, (leaving) => {
        const stage = new Stage();
        const bells: Bell[] = [];
        let rings = 0;
        for (let n = 0; n < leaving.length; n++) {
          const bell = new Bell(() => {
            stage.nowMs++;
            const gone = bells[leaving[rings++] ?? bells.length];
            if (gone !== undefined) stage.fanOut.remove(gone);
          });
          bells.push(bell);
          stage.fanOut.add(bell);
        }
        stage.fanOut.ring();
        while (stage.waiting.length > 0) stage.turn();
        for (const bell of stage.fanOut.members) expect(bell.rung).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
