import { expect, test } from "vitest";
import { Proofs, readBasic } from "./basic.ts";
import { Seal } from "./seal.ts";
import type { User } from "./user.ts";

const header = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test.each([
  [header("anna:secret"), { name: "anna", password: "secret" }],
  [header(":secret"), { name: "", password: "secret" }],
  [header("anna:with:colons"), { name: "anna", password: "with:colons" }],
  [header("anna:pâß"), { name: "anna", password: "pâß" }],
  [header("anna:x").replace("Basic", "basic "), { name: "anna", password: "x" }],
  [header("anna:"), undefined],
  [header("anna"), undefined],
  ["Basic ", undefined],
  ["Basic !", undefined],
  ["Bearer abc", undefined],
  [undefined, undefined],
])("%s says %o", (text, said) => {
  expect(readBasic(text)).toEqual(said);
});

test("a password that was right is known until the user has another", () => {
  const proofs = new Proofs(new Seal(new Uint8Array(32), "test"));
  const anna: User = { name: "anna", role: "view", password: "hash" };
  expect(proofs.has(anna, "secret")).toBe(false);
  proofs.add(anna, "secret");
  expect(proofs.has(anna, "secret")).toBe(true);
  expect(proofs.has(anna, "wrong")).toBe(false);
  expect(proofs.has({ ...anna, name: "bo" }, "secret")).toBe(false);
  expect(proofs.has({ ...anna, password: "other" }, "secret")).toBe(false);
});

test("no number of users takes more memory than its bound", () => {
  const proofs = new Proofs(new Seal(new Uint8Array(32), "test"));
  const user = (n: number): User => ({ name: `u${n}`, role: "view", password: "hash" });
  for (let n = 0; n <= 1000; n++) proofs.add(user(n), "secret");
  expect(proofs.has(user(0), "secret")).toBe(false);
  expect(proofs.has(user(1), "secret")).toBe(true);
});
