import { expect, test } from "vitest";
import { Limits } from "../protocol/index.ts";
import { Leases } from "./nats-leases.ts";

const taken = (leases: Leases, nowMs: number): string[] => [...leases.taken(nowMs)].sort();

test("a track is taken while anybody takes it", () => {
  const leases = new Leases();
  leases.renew({ member: "a", tracks: ["jpeg"] }, 0);
  leases.renew({ member: "b", tracks: ["jpeg", "h264"] }, 0);
  expect(taken(leases, 1)).toEqual(["h264", "jpeg"]);
  leases.renew({ member: "b", tracks: [] }, 2);
  expect(taken(leases, 3)).toEqual(["jpeg"]);
  leases.renew({ member: "a", tracks: ["h264"] }, 4);
  expect(taken(leases, 5)).toEqual(["h264"]);
});

test("who dies without a word takes nothing after the time of a lease", () => {
  const leases = new Leases();
  leases.renew({ member: "a", tracks: ["jpeg"] }, 0);
  leases.renew({ member: "b", tracks: ["h264"] }, 1000);
  expect(taken(leases, Limits.LEASE_MS - 1)).toEqual(["h264", "jpeg"]);
  expect(taken(leases, Limits.LEASE_MS)).toEqual(["h264"]);
});

test("no more are heard than the limit", () => {
  const leases = new Leases();
  for (let index = 0; index < Limits.MAX_LEASES; index++)
    leases.renew({ member: `m${index}`, tracks: ["a"] }, 0);
  leases.renew({ member: "late", tracks: ["b"] }, 0);
  leases.renew({ member: "m0", tracks: ["c"] }, 0);
  expect(taken(leases, 1)).toEqual(["a", "c"]);
});
