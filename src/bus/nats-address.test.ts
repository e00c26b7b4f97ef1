import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "./address.ts";
import { parseNatsAddress } from "./nats-address.ts";

test("an address of NATS names some of its servers, with the usual port where none is given", () => {
  expect(parseAddress("nats://a:1,[::1]:2,c")).toEqual({
    kind: "nats",
    servers: ["a:1", "[::1]:2", "c:4222"],
    tls: false,
    login: {},
  });
});

test("a login is a user with a password, a token, or files", () => {
  expect(parseNatsAddress("nats://front:p%40ss@a").login).toEqual({ user: "front", password: "p@ss" });
  expect(parseNatsAddress("nats://t0ken@a").login).toEqual({ token: "t0ken" });
  const files = "ca=ca.pem&cert=me.pem&key=me.key&credentials=me.creds&nkey=me.nk";
  const { login, tls } = parseNatsAddress(`nats://a?${files}`);
  expect(login).toEqual({
    ca: "ca.pem",
    cert: "me.pem",
    key: "me.key",
    credentials: "me.creds",
    nkey: "me.nk",
  });
  expect(tls).toBe(true);
  expect(parseNatsAddress("tls://a").tls).toBe(true);
});

test("what is shown of an address has no login in it", () => {
  expect(formatAddress(parseAddress("nats://front:secret@a:1,b:2?credentials=me.creds"))).toBe(
    "nats://a:1,b:2",
  );
  expect(formatAddress(parseAddress("tls://token@a:1"))).toBe("tls://a:1");
});

test.each([
  ["nats://", "that is no address of NATS"],
  ["nats://a:0", '"a:0" is no server of NATS'],
  ["nats://a:70000", '"a:70000" is no server of NATS'],
  ["nats://a,,b", '"" is no server of NATS'],
  ["nats://a?cafile=x", 'NATS has no part "cafile": expected credentials, nkey, ca, cert, key'],
  ["nats://a?cert=x", "a certificate and its key belong together"],
  ["nats://a?ca=", "the part ca is empty"],
  ["nats://u:%zz@a", "the login of NATS has a % that is none"],
  [`nats://${"a,".repeat(64)}a`, "65 servers of NATS are too many"],
])("%s is refused: %s", (text, reason) => {
  expect(() => parseAddress(text)).toThrow(reason);
});

test("no sentence repeats a password", () => {
  for (const text of [
    "nats://u:s3cret@a:0",
    "nats://u:s3cret@a?x=1",
    "nats://u:s3cret@",
    "nats://u:s3cret%zz@a",
  ]) {
    let message = "";
    try {
      parseAddress(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe("");
    expect(message).not.toContain("s3cret");
  }
});
