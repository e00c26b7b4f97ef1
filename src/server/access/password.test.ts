import { expect, test } from "vitest";
import { hashPassword, matchesPassword, NOBODY, type PasswordHash, readPasswordHash } from "./password.ts";
import { PasswordChecks } from "./password-checks.ts";

const HASH = "$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** To compare shall be slow, and is slower where much else is done. */
const SLOW_MS = 30_000;

test(
  "a hash is of its password alone, and never twice the same",
  async () => {
    const text = await hashPassword("correct horse");
    expect(text).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    const hash = readPasswordHash(text)!;
    expect(await matchesPassword("correct horse", hash)).toBe(true);
    expect(await matchesPassword("Correct horse", hash)).toBe(false);
    expect(await hashPassword("correct horse")).not.toBe(text);
  },
  SLOW_MS,
);

test(
  "the bytes are those of RFC 7914, section 12 (N 1024, r 8, p 16)",
  async () => {
    // A longer key begins with the shorter one.
    const hash = Buffer.from("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162", "hex");
    const known = { logN: 10, blockSize: 8, parallel: 16, salt: Buffer.from("NaCl"), hash };
    expect(await matchesPassword("password", known)).toBe(true);
  },
  SLOW_MS,
);

test(
  "the same letters typed in another way match",
  async () => {
    const hash = readPasswordHash(await hashPassword("caf\u00e9 au lait"))!;
    expect(await matchesPassword("cafe\u0301 au lait", hash)).toBe(true);
  },
  SLOW_MS,
);

test.each([
  "correct horse",
  "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
  "$scrypt$ln=25,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "$scrypt$ln=15,r=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
])("%j is no hash, or one that costs too much", (text) => {
  expect(readPasswordHash(text)).toBeUndefined();
});

test("passwords are compared two at a time, those of unknown users too, and not too many wait", async () => {
  const compared: {
    readonly password: string;
    readonly known: PasswordHash;
    readonly done: (is: boolean) => void;
  }[] = [];
  const checks = new PasswordChecks(
    (password, known) => new Promise((done) => compared.push({ password, known, done })),
  );
  const user = { name: "anna", role: "view", password: HASH } as const;
  const asked = [
    checks.check(user, "right"),
    checks.check(undefined, "right"),
    ...Array.from({ length: 32 }, () => checks.check({ ...user, password: "damaged" }, "x")),
  ];
  expect(await checks.check(user, "right")).toBeUndefined();
  expect(compared.map(({ known }) => known === NOBODY)).toEqual([false, true]);
  for (let n = 0; n < 34; n++) {
    expect(compared.length).toBeLessThanOrEqual(n + 2);
    compared[n]?.done(true);
    await asked[n];
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all(asked)).toEqual([true, ...Array(33).fill(false)]);
  const last = checks.check(user, "right");
  compared[34]?.done(true);
  expect(await last).toBe(true);
});
