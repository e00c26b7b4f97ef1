import { expect, test } from "vitest";
import { Trials } from "./trials.ts";

/** Cameras that try whenever they may, on a machine that carries so many better tracks at a time. */
class Page {
  readonly trials = new Trials();
  readonly better = new Set<number>();
  tries = 0;
  readonly #cameras: number;
  readonly #switches: number[];
  #carries: number;

  constructor(cameras: number, carries: number) {
    this.#cameras = cameras;
    this.#carries = carries;
    this.#switches = Array.from({ length: cameras }, () => 0);
  }

  set carries(carries: number) {
    this.#carries = carries;
  }

  run(fromMs: number, toMs: number): void {
    for (let nowMs = fromMs; nowMs < toMs; nowMs += 100) {
      for (let camera = 0; camera < this.#cameras; camera++) {
        let reason: "best" | "probe" | "link" = "best";
        if (this.better.has(camera)) {
          // Too much: whoever is looked at first falls.
          if (this.better.size > this.#carries) reason = "link";
        } else if (this.trials.may(this.#cameras, nowMs)) {
          reason = "probe";
          this.tries++;
        }
        if (reason === "link") this.better.delete(camera);
        if (reason === "probe") this.better.add(camera);
        if (reason !== "best") this.#switches[camera]!++;
        this.trials.hear(`${camera}`, { switches: this.#switches[camera]!, reason }, nowMs);
      }
    }
  }
}

test("on a machine that carries nothing better, trials become rare", () => {
  const page = new Page(50, 0);
  page.run(0, 60_000);
  expect(page.tries).toBeLessThanOrEqual(4);
  page.run(60_000, 600_000);
  expect(page.tries).toBeLessThanOrEqual(6);
});

test("where it carries all of them, all have it within a minute", () => {
  const page = new Page(50, 50);
  page.run(0, 60_000);
  expect(page.better.size).toBe(50);
  expect(page.tries).toBe(50);
});

test("where it carries some of them, those keep it and the others leave them alone", () => {
  const page = new Page(50, 10);
  page.run(0, 300_000);
  const { tries } = page;
  expect(page.better.size).toBe(10);
  page.run(300_000, 600_000);
  expect(page.better.size).toBe(10);
  expect(page.tries - tries).toBeLessThanOrEqual(2);
});

test("few cameras try what they like", () => {
  const page = new Page(4, 4);
  page.run(0, 200);
  expect(page.better.size).toBe(4);
});

test("a camera that leaves while it tries holds nobody up", () => {
  const trials = new Trials();
  trials.hear("one", { switches: 1, reason: "probe" }, 0);
  expect(trials.may(50, 100)).toBe(false);
  trials.forget("one");
  expect(trials.may(50, 200)).toBe(true);
});

test("a camera that is pulled out while it tries holds nobody up, and proves nothing", () => {
  const trials = new Trials();
  trials.hear("one", { switches: 1, reason: "probe" }, 0);
  trials.hear("one", { switches: 1, reason: "probe" }, 900);
  expect(trials.may(9, 1_800)).toBe(false);
  expect(trials.may(9, 1_900)).toBe(true);
  // It is back, when its trial would have been over: still one at a time.
  trials.hear("one", { switches: 1, reason: "probe" }, 8_000);
  trials.hear("two", { switches: 1, reason: "probe" }, 8_000);
  expect(trials.may(9, 8_100)).toBe(false);
});

test("trials that run when views get another size are waited for, and no longer than they last", () => {
  const trials = new Trials();
  const hear = (nowMs: number): void => {
    for (const key of ["one", "two"]) trials.hear(key, { switches: 1, reason: "probe" }, nowMs);
  };
  hear(0);
  trials.renew();
  for (let nowMs = 100; nowMs < 5_000; nowMs += 100) {
    hear(nowMs);
    expect(trials.may(9, nowMs)).toBe(false);
  }
  hear(5_000);
  expect(trials.may(9, 5_000)).toBe(true);
});

test("what has failed on a small wall is tried again on one that has another size", () => {
  const trials = new Trials();
  trials.hear("one", { switches: 1, reason: "probe" }, 0);
  trials.hear("one", { switches: 2, reason: "link" }, 500);
  expect(trials.may(50, 1_000)).toBe(false);
  trials.renew();
  expect(trials.may(50, 1_000)).toBe(true);
});

test("a page that is late itself tries nothing", () => {
  const trials = new Trials();
  for (let look = 0; look < 100; look++) trials.late(8);
  // It was hidden for an hour.
  trials.late(3_600_000);
  expect(trials.may(50, 0)).toBe(true);
  for (let look = 0; look < 100; look++) trials.late(40);
  expect(trials.may(50, 0)).toBe(false);
  expect(trials.may(2, 0)).toBe(true);
  for (let look = 0; look < 100; look++) trials.late(3);
  expect(trials.may(50, 0)).toBe(true);
});
