import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issue, makeAuthority } from "../../src/server/tls/authority.ts";
import { scopeOf } from "../../src/server/tls/scope.ts";

/** A certificate for a proxy, as files. */
export interface ProxyCertificate {
  readonly cert: string;
  readonly key: string;
  /** Both in one, as haproxy wants it. */
  readonly both: string;
  /** The authority's, in PEM. */
  readonly authority: string;
  readonly authorityFile: string;
}

/** An authority, and a certificate for `names`, in a folder of their own. */
export async function certificateFor(...names: string[]): Promise<ProxyCertificate> {
  const folder = mkdtempSync(join(tmpdir(), "hello-proxy-"));
  const own = { names, addresses: ["127.0.0.1"] };
  const authority = await makeAuthority("test authority", scopeOf(own));
  const pair = await issue(authority, own);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    cert: file("cert.pem", pair.cert),
    key: file("key.pem", pair.key),
    both: file("both.pem", pair.cert + pair.key),
    authority: authority.cert,
    authorityFile: file("authority.pem", authority.cert),
  };
}

/** A home of a user who has told Chromium to trust the authority in `file`. */
export function homeThatTrusts(file: string): string {
  const home = mkdtempSync(join(tmpdir(), "hello-home-"));
  const database = join(home, ".pki", "nssdb");
  mkdirSync(database, { recursive: true });
  const certutil = (...args: string[]): void =>
    void execFileSync("certutil", ["-d", `sql:${database}`, ...args]);
  certutil("-N", "--empty-password");
  certutil("-A", "-t", "C,,", "-n", "test", "-i", file);
  return home;
}
