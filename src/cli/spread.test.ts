import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Seat, Spread } from "./spread.ts";

/** A process that takes what it is sent, and says so when it is told to. */
class Taker {
  readonly got: number[] = [];
  readonly seat: Seat;

  constructor(spread: Spread<number>) {
    this.seat = spread.join((connection) => this.got.push(connection));
  }

  /** Confirm all; `idle` of them are not busy any more. */
  report(idle = 0): void {
    this.seat.report(this.got.length, this.got.length - idle);
  }
}

function setUp(takers: number) {
  const taken: number[] = [];
  const refused: number[] = [];
  const spread = new Spread<number>({ taken: (c) => taken.push(c), refused: (c) => refused.push(c) });
  const all = Array.from({ length: takers }, () => new Taker(spread));
  const start = (): void => {
    for (const { seat } of all) seat.ready();
  };
  return { spread, taken, refused, all, start };
}

const hand = (spread: Spread<number>, from: number, to: number): void => {
  for (let connection = from; connection < to; connection++) spread.hand(connection);
};

describe("Spread", () => {
  test("gives 300 at once to two in equal shares, before either has said anything", () => {
    const { spread, all, start } = setUp(2);
    start();
    hand(spread, 0, 300);
    expect(all.map(({ got }) => got.length)).toEqual([150, 150]);
  });

  test("gives both their share of the pictures where every page has a connection that is soon idle", () => {
    const { spread, all, start } = setUp(2);
    start();
    const idle = [0, 0];
    const pictures = [0, 0];
    for (let page = 0; page < 100; page++) {
      for (const kind of ["page", "pictures"]) {
        spread.hand(page);
        const at = all.findIndex(({ got }, n) => got.length > idle[n]! + pictures[n]!);
        (kind === "page" ? idle : pictures)[at]!++;
        all[at]!.report(idle[at]);
      }
    }
    expect(pictures).toEqual([50, 50]);
  });

  test("keeps the share of one that is starting until it is ready", () => {
    const { spread, all } = setUp(2);
    all[0]!.seat.ready();
    hand(spread, 0, 4);
    expect(all.map(({ got }) => got)).toEqual([[0, 2], []]);
    all[1]!.seat.ready();
    expect(all[1]!.got).toEqual([1, 3]);
  });

  test("gives what one had not taken when it ended to another, and what it had taken to nobody", () => {
    const { spread, all, taken, start } = setUp(2);
    start();
    hand(spread, 0, 6);
    all[0]!.seat.report(1, 1);
    expect(taken).toEqual([0]);
    all[0]!.seat.leave();
    expect(all[1]!.got).toEqual([1, 3, 5, 2, 4]);
  });

  test("gives all to the one that took the place of another until shares are equal", () => {
    const { spread, all, start } = setUp(2);
    start();
    hand(spread, 0, 100);
    for (const taker of all) taker.report();
    all[0]!.seat.leave();
    const successor = new Taker(spread);
    hand(spread, 100, 150);
    successor.seat.ready();
    expect(successor.got).toHaveLength(50);
    expect(all[1]!.got).toHaveLength(50);
  });

  test("holds what comes while nobody is there, within a limit", () => {
    const { spread, refused } = setUp(0);
    hand(spread, 0, 5000);
    expect(refused).toHaveLength(5000 - 4096);
    const taker = new Taker(spread);
    taker.seat.ready();
    expect(taker.got).toHaveLength(4096);
  });

  test("refuses at its end what nobody has taken", () => {
    const { spread, all, refused } = setUp(1);
    hand(spread, 0, 3);
    spread.close();
    expect(refused).toEqual([0, 1, 2]);
    all[0]!.seat.ready();
    expect(all[0]!.got).toEqual([]);
  });

  test("loses none and gives none twice to those who live, whatever happens in whatever order", () => {
    const step = fc.record({ at: fc.nat(3), what: fc.constantFrom("hand", "ready", "report", "replace") });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { spread, all, refused } = setUp(4);
        let handed = 0;
        const lost = new Set<number>();
        for (const { at, what } of steps) {
          const taker = all[at]!;
          if (what === "hand") spread.hand(handed++);
          if (what === "ready" && taker.got.length === 0) taker.seat.ready();
          if (what === "report") taker.report();
          if (what === "replace") {
            taker.report();
            for (const connection of taker.got) lost.add(connection);
            taker.seat.leave();
            all[at] = new Taker(spread);
          }
        }
        for (const taker of all) if (taker.got.length === 0) taker.seat.ready();
        const alive = all.flatMap(({ got }) => got);
        expect(new Set(alive).size).toBe(alive.length);
        expect(alive.length + lost.size + refused.length).toBe(handed);
      }),
    );
  });
});
