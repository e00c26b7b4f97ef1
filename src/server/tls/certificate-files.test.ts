import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { issue, makeAuthority } from "./authority.ts";
import { CertificateFiles } from "./certificate-files.ts";
import { type KeyPair, readKeyPair } from "./key-pair.ts";
import { scopeOf } from "./scope.ts";

const NAMES = { names: ["home.local"], addresses: ["127.0.0.1"] };

let pairs: readonly [KeyPair, KeyPair, KeyPair];
let folder: string;
let files: CertificateFiles | undefined;
const log = { info: vi.fn(), warn: vi.fn() };

beforeAll(async () => {
  const authority = await makeAuthority("test", scopeOf(NAMES));
  pairs = [await issue(authority, NAMES), await issue(authority, NAMES), await issue(authority, NAMES)];
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-files-"));
});
afterEach(() => {
  files?.[Symbol.dispose]();
  vi.clearAllMocks();
  rmSync(folder, { recursive: true });
});

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
  return join(folder, name);
};
const putPair = ({ cert, key }: KeyPair): { cert: string; key: string } => ({
  cert: put("cert.pem", cert),
  key: put("key.pem", key),
});

describe("a pair of files", () => {
  test.each<[string, (pair: KeyPair, other: KeyPair) => KeyPair, RegExp]>([
    [
      "with the key of another",
      ({ cert }, { key }) => ({ cert, key }),
      /key\.pem is the key of another certificate/,
    ],
    [
      "without a certificate",
      ({ key }) => ({ cert: "x", key }),
      /cert\.pem holds no certificate: expected PEM/,
    ],
    ["without a key", ({ cert }) => ({ cert, key: cert }), /key\.pem holds no usable private key/],
    [
      "with a broken chain",
      ({ cert, key }) => ({ cert: `${cert}${cert.slice(0, 200)}`, key }),
      /cert\.pem cannot be/,
    ],
    ["that is far too long", ({ cert, key }) => ({ cert: cert.repeat(500), key }), /cert\.pem is too long/],
  ])("%s is refused in one sentence", async (_, spoil, sentence) => {
    await expect(readKeyPair(putPair(spoil(pairs[0], pairs[1])))).rejects.toThrow(sentence);
  });

  test("that is not there is refused in one sentence", async () => {
    const missing = { cert: join(folder, "no.pem"), key: join(folder, "no.pem") };
    await expect(readKeyPair(missing)).rejects.toThrow(/no\.pem cannot be read: no such file/);
  });
});

describe("files that somebody renews", () => {
  test("are read again when they are replaced", async () => {
    files = await CertificateFiles.open(putPair(pairs[0]), log);
    const heard: KeyPair[] = [];
    files.follow((pair) => heard.push(pair));
    putPair(pairs[1]);
    await eventually(() => expect(files?.current).toEqual(pairs[1]));
    expect(heard).toEqual([pairs[1]]);
    expect(log.warn).not.toHaveBeenCalled();
  });

  test("may be links, as certbot makes them", async () => {
    for (const [n, pair] of pairs.entries()) {
      mkdirSync(join(folder, "archive", String(n)), { recursive: true });
      writeFileSync(join(folder, "archive", String(n), "cert.pem"), pair.cert);
      writeFileSync(join(folder, "archive", String(n), "key.pem"), pair.key);
    }
    const link = (n: number): void => {
      for (const name of ["cert.pem", "key.pem"]) {
        if (n > 0) unlinkSync(join(folder, name));
        symlinkSync(join("archive", String(n), name), join(folder, name));
      }
    };
    link(0);
    files = await CertificateFiles.open(
      { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") },
      log,
    );
    link(1);
    await eventually(() => expect(files?.current).toEqual(pairs[1]));
    link(2);
    await eventually(() => expect(files?.current).toEqual(pairs[2]));
  });

  test("that are wrong change nothing; what is wrong is said once, and the next right ones are taken", async () => {
    files = await CertificateFiles.open(putPair(pairs[0]), log);
    put("cert.pem", pairs[1].cert);
    await eventually(() => expect(log.warn).toHaveBeenCalledTimes(1));
    expect(log.warn).toHaveBeenCalledWith(
      expect.stringMatching(
        /^the new certificate is not taken: .*another certificate.*; the one before stays$/,
      ),
    );
    expect(files.current).toEqual(pairs[0]);
    put("key.pem", pairs[1].key);
    await eventually(() => expect(files?.current).toEqual(pairs[1]));
    expect(log.warn).toHaveBeenCalledTimes(1);
  });
});
