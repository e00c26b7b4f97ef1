import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Visitor } from "./visitor.ts";
import { Visits } from "./visits.ts";

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const guest = (endsAtMs: number, share = "a"): Visitor => ({
  role: "view",
  cameras: undefined,
  share,
  endsAtMs,
});

test("each ends when its access does, by one timer for all", () => {
  const visits = new Visits(({ endsAtMs = 0 }) => endsAtMs > Date.now());
  const ended: string[] = [];
  visits.begin(guest(3000), () => ended.push("later"));
  visits.begin(guest(1000), () => ended.push("sooner"));
  const leave = visits.begin(guest(2000), () => ended.push("left"));
  expect(vi.getTimerCount()).toBe(1);
  leave();
  vi.advanceTimersByTime(999);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(["sooner"]);
  vi.advanceTimersByTime(2000);
  expect(ended).toEqual(["sooner", "later"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("one that ends after longer than a timer can wait is waited for", () => {
  const visits = new Visits(({ endsAtMs = 0 }) => endsAtMs > Date.now());
  const end = vi.fn();
  const year = 365 * 24 * 3600 * 1000;
  visits.begin(guest(year), end);
  vi.advanceTimersByTime(year - 1);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(end).toHaveBeenCalledOnce();
});

test("a review ends those whose access was taken, once", () => {
  const revoked = new Set<string>();
  const visits = new Visits(({ share = "" }) => !revoked.has(share));
  const [a, b] = [vi.fn(), vi.fn()];
  visits.begin(guest(1000, "a"), a);
  visits.begin(guest(1000, "b"), b);
  revoked.add("a");
  visits.review();
  visits.review();
  expect(a).toHaveBeenCalledOnce();
  expect(b).not.toHaveBeenCalled();
});

test("who needs no access is not remembered", () => {
  const visits = new Visits(() => false);
  const end = vi.fn();
  visits.begin({ role: "admin", cameras: undefined }, end);
  visits.review();
  expect(end).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
