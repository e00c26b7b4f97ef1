import { expect, test } from "vitest";
import { Limits } from "../protocol/index.ts";
import { AgeLedger } from "./age-ledger.ts";

test("tells when a frame was captured once, for the newest only", () => {
  const ledger = new AgeLedger();
  ledger.sent(7, 1000);
  ledger.sent(8, 2000);
  expect(ledger.acknowledged(8)).toBe(2000);
  expect(ledger.acknowledged(8)).toBeUndefined();
  expect(ledger.acknowledged(7)).toBeUndefined();
});

test("knows nothing of what was not sent, or sent too long ago", () => {
  const ledger = new AgeLedger();
  expect(ledger.acknowledged(0)).toBeUndefined();
  ledger.sent(1, 1000);
  ledger.sent(1 + Limits.MAX_WINDOW_FRAMES, 2000);
  expect(ledger.acknowledged(1)).toBeUndefined();
  expect(ledger.acknowledged(1 + Limits.MAX_WINDOW_FRAMES)).toBe(2000);
});

test("goes on where sequences wrap, and starts anew with another number", () => {
  const ledger = new AgeLedger();
  ledger.sent(Limits.MAX_U32, 1000);
  ledger.sent(0, 2000);
  expect(ledger.acknowledged(Limits.MAX_U32)).toBe(1000);
  expect(ledger.acknowledged(0)).toBe(2000);
  ledger.clear();
  expect(ledger.acknowledged(0)).toBeUndefined();
  ledger.sent(0, 3000);
  expect(ledger.acknowledged(0)).toBe(3000);
});
