import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { KeyPair } from "./key-pair.ts";
import { OwnCertificate } from "./own-certificate.ts";
import type { OwnNames } from "./own-names.ts";

const HOME: OwnNames = {
  names: ["localhost", "kitchen", "kitchen.local"],
  addresses: ["127.0.0.1", "192.168.0.7"],
};
const DAY_MS = 24 * 3600 * 1000;

let folder: string;
let names: OwnNames;
const log = { info: vi.fn(), warn: vi.fn() };
const opened: OwnCertificate[] = [];
const open = async (): Promise<OwnCertificate> => {
  const certificate = await OwnCertificate.open({ folder, host: "0.0.0.0", log, names: () => names });
  opened.push(certificate);
  return certificate;
};

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "hello-tls-")), "tls");
  names = HOME;
});
afterEach(() => {
  for (const certificate of opened.splice(0)) certificate[Symbol.dispose]();
  vi.useRealTimers();
  vi.clearAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const parsed = ({ current }: OwnCertificate): X509Certificate => new X509Certificate(current.cert);
const days = ({ validFrom, validTo }: X509Certificate): number =>
  (Date.parse(validTo) - Date.parse(validFrom)) / DAY_MS;

test("is made once, for every name and address, by an authority that is kept", async () => {
  const first = await open();
  const certificate = parsed(first);
  const authority = new X509Certificate(first.authority);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect([authority.ca, certificate.ca]).toEqual([true, false]);
  for (const name of HOME.names) expect(certificate.checkHost(name)).toBe(name);
  for (const address of HOME.addresses) expect(certificate.checkIP(address)).toBe(address);
  const again = await open();
  expect(again.current).toEqual(first.current);
  expect(again.authority).toBe(first.authority);
  expect(log.warn).not.toHaveBeenCalled();
});

test("ends soon enough for Apple", async () => {
  expect(days(parsed(await open()))).toBeLessThanOrEqual(398);
});

test("nobody else can read what is kept, and the server's file does not hold the authority's key", async () => {
  await open();
  const authority = join(folder, "authority");
  for (const path of [folder, authority]) expect(statSync(path).mode & 0o077).toBe(0);
  const files = [join(folder, "server.pem"), ...readdirSync(authority).map((name) => join(authority, name))];
  for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(join(folder, "server.pem"), "utf8");
  expect(text.match(/BEGIN PRIVATE KEY/g)).toHaveLength(1);
  expect(text).not.toContain(readFileSync(join(authority, "key.pem"), "utf8"));
});

describe("is renewed", () => {
  test("when the machine gets another address, not when it loses one", async () => {
    const certificate = await open();
    const renewed: KeyPair[] = [];
    certificate.follow((pair) => renewed.push(pair));
    names = { ...HOME, addresses: ["127.0.0.1"] };
    await certificate.look();
    expect(renewed).toEqual([]);
    names = { ...HOME, addresses: ["127.0.0.1", "10.1.2.3"] };
    await certificate.look();
    expect(renewed).toEqual([certificate.current]);
    expect(parsed(certificate).checkIP("10.1.2.3")).toBe("10.1.2.3");
    expect((await open()).current).toEqual(certificate.current);
  });

  test("before it ends", async () => {
    const certificate = await open();
    const { cert } = certificate.current;
    const { authority } = certificate;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 360 * DAY_MS });
    await certificate.look();
    expect(certificate.current.cert).toBe(cert);
    vi.setSystemTime(Date.now() + 10 * DAY_MS);
    await certificate.look();
    expect(certificate.current.cert).not.toBe(cert);
    expect(certificate.authority).toBe(authority);
  });

  test("with its authority, when that ends; it is never valid for longer", async () => {
    const certificate = await open();
    const { authority } = certificate;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3500 * DAY_MS });
    await certificate.look();
    expect(certificate.authority).toBe(authority);
    expect(parsed(certificate).validTo).toBe(new X509Certificate(authority).validTo);
    const { cert } = certificate.current;
    await certificate.look();
    expect(certificate.current.cert).toBe(cert);
    vi.setSystemTime(Date.now() + 130 * DAY_MS);
    await certificate.look();
    expect(certificate.authority).not.toBe(authority);
    expect(log.warn).toHaveBeenCalledWith(expect.stringContaining("the authority was made anew"));
  });

  test("where what was kept is broken", async () => {
    await open();
    writeFileSync(join(folder, "server.pem"), "nonsense");
    expect(parsed(await open()).checkHost("kitchen")).toBe("kitchen");
  });
});

test("is not for a name that its authority may not speak for, and that is said once", async () => {
  const certificate = await open();
  names = { names: [...HOME.names, "bank.example"], addresses: [...HOME.addresses, "203.0.113.9"] };
  await certificate.look();
  await certificate.look();
  expect(parsed(certificate).checkHost("bank.example")).toBeUndefined();
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect(log.warn).toHaveBeenCalledWith(
    expect.stringMatching(/not for bank\.example, 203\.0\.113\.9,.*delete/),
  );
});

test("two servers that start at once have one authority", async () => {
  const [one, two] = await Promise.all([open(), open()]);
  expect(one?.authority).toBe(two?.authority);
});

test("a folder that cannot be used is one sentence", async () => {
  writeFileSync(folder, "");
  await expect(open()).rejects.toThrow(/cannot keep a certificate: .*HELLO_STATE/);
});
