import { hostname } from "node:os";
import { expect, test } from "vitest";
import { ownNames } from "./own-names.ts";

const short = hostname().toLowerCase().split(".")[0];

test("this machine is called by its name, in mDNS too, by what it listens on, and by its addresses", () => {
  const { names, addresses } = ownNames("Cam.Lan");
  for (const name of ["localhost", short, `${short}.local`, "cam.lan"]) expect(names).toContain(name);
  expect(addresses).toEqual(expect.arrayContaining(["127.0.0.1", "::1"]));
  expect(new Set(names).size).toBe(names.length);
});

test("an address to listen on is no name, and one of a single link is no address to go to", () => {
  for (const host of ["0.0.0.0", "::", "192.168.0.7"]) expect(ownNames(host).names).not.toContain(host);
  for (const address of ownNames("::").addresses) expect(address).not.toMatch(/^fe80|%/);
});
