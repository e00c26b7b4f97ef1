import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { KEY_BYTES, Seal, type Session } from "./seal.ts";
import { SessionCookie } from "./session-cookie.ts";

const key = randomBytes(KEY_BYTES);
const seal = new Seal(key, "9000");
const session: Session = {
  id: "id",
  kind: "user",
  name: "anna",
  fingerprint: seal.fingerprint("hash"),
  endsAtMs: (Math.floor(Date.now() / 1000) + 60) * 1000,
};
const share = { id: "abcdefgh", cameras: ["front"], role: "view", createdAtMs: 0, endsAtMs: 1000 } as const;

test("what was signed is read again", async () => {
  expect(await seal.readSession(await seal.session(session))).toEqual(session);
  expect(await seal.readShare(await seal.share(share))).toBe("abcdefgh");
  expect(await seal.share(share)).toBe(await seal.share(share));
});

test("a session that has ended is none", async () => {
  expect(
    await seal.readSession(await seal.session({ ...session, endsAtMs: Date.now() - 1000 })),
  ).toBeUndefined();
});

test("one is not the other, nor another server's, nor another key's", async () => {
  const [ofSession, ofShare] = [await seal.session(session), await seal.share(share)];
  expect(await seal.readShare(ofSession)).toBeUndefined();
  expect(await seal.readSession(ofShare)).toBeUndefined();
  for (const other of [new Seal(key, "9001"), new Seal(randomBytes(KEY_BYTES), "9000")]) {
    expect(await other.readSession(ofSession)).toBeUndefined();
    expect(await other.readShare(ofShare)).toBeUndefined();
  }
});

test.each(["", "a.b.c", "..", "x".repeat(10_000)])("%.20j is nothing that was signed", async (text) => {
  expect(await seal.readSession(text)).toBeUndefined();
  expect(await seal.readShare(text)).toBeUndefined();
});

test("a cookie is read among others, and hidden from scripts and other sites", () => {
  const cookie = new SessionCookie("9000");
  expect(cookie.read({ cookie: "a=b; hello_session_9001=x; hello_session_9000=y.z=; c=d" })).toBe("y.z=");
  expect(cookie.read({ cookie: "hello_session_9000" })).toBeUndefined();
  expect(cookie.read({})).toBeUndefined();
  expect(cookie.write("v", Date.now() + 60_000, false)).toBe(
    "hello_session_9000=v; HttpOnly; SameSite=Lax; Path=/; Max-Age=60",
  );
  expect(cookie.write("v", Date.now() + 60_000, true)).toMatch(/; Secure$/);
  expect(cookie.clear(false)).toMatch(/^hello_session_9000=; .*Max-Age=0$/);
});
