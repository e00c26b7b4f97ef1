import { randomBytes, X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { systemReason } from "../../system/system-reason.ts";
import type { CertificateLog } from "./certificate-files.ts";
import { type Certificate, CertificateError, type KeyPair, readKeyPair, validUntil } from "./key-pair.ts";
import { type OwnNames, ownNames } from "./own-names.ts";
import { divide, type Scope, scopeOf } from "./scope.ts";

/** Milliseconds before its end at which a certificate is renewed: a machine that is off for three weeks is early enough. */
const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;

/** Milliseconds between two looks at names, addresses and ends. A new address is served a minute later. */
const LOOK_EVERY_MS = 60_000;

const PRIVATE_FILE = { mode: 0o600 };
const PRIVATE_FOLDER = { recursive: true, mode: 0o700 };

/** Names of the files. The authority's key has a folder of its own, and is read only to sign. */
const AUTHORITY = { folder: "authority", cert: "certificate.pem", key: "key.pem", scope: "scope.json" };
/** Certificate and key in one file, so that one rename replaces them. */
const OWN_FILE = "server.pem";

/** How a machine's own certificate comes to be. */
export interface OwnCertificateOptions {
  /** Where authority and certificate are kept. */
  readonly folder: string;
  /** What the server listens on. */
  readonly host: string;
  readonly log: CertificateLog;
  /** What this machine is called; a test says otherwise. */
  readonly names?: () => OwnNames;
}

/**
 * A certificate that this machine gives itself, from an authority of its own. Both are made once and kept. The certificate is
 * renewed before it ends and when the machine gets other names; the authority, which people have told their phones to trust, stays.
 */
export class OwnCertificate implements Certificate, Disposable {
  readonly #options: OwnCertificateOptions;
  readonly #listeners = new Set<(pair: KeyPair) => void>();
  readonly #clock: NodeJS.Timeout;
  #current: KeyPair;
  #authority: string;
  #outside: string;

  /**
   * Read what is kept, and make what is missing.
   * @throws CertificateError if the folder cannot be used
   */
  static async open(options: OwnCertificateOptions): Promise<OwnCertificate> {
    const { folder } = options;
    try {
      await mkdir(folder, PRIVATE_FOLDER);
      const authority = await openAuthority(folder, namesOf(options));
      const pair = await readKeyPair(ownFiles(folder)).catch(() => undefined);
      const opened = new OwnCertificate(options, pair ?? { cert: "", key: "" }, authority.cert);
      await opened.look();
      return opened;
    } catch (error) {
      if (error instanceof CertificateError) throw error;
      throw new CertificateError(
        `${folder} cannot keep a certificate: ${systemReason(error)}; HELLO_STATE names another folder`,
      );
    }
  }

  private constructor(options: OwnCertificateOptions, pair: KeyPair, authority: string) {
    this.#options = options;
    this.#current = pair;
    this.#authority = authority;
    this.#outside = "";
    this.#clock = setInterval(() => {
      this.look().catch((error: Error) =>
        options.log.warn(`the certificate cannot be renewed: ${systemReason(error)}`),
      );
    }, LOOK_EVERY_MS);
    this.#clock.unref();
  }

  /** See {@link Certificate.current}. */
  get current(): KeyPair {
    return this.#current;
  }

  /** The authority's certificate, for others to trust; PEM. */
  get authority(): string {
    return this.#authority;
  }

  /** See {@link Certificate.follow}. */
  follow(listener: (pair: KeyPair) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Renew the certificate if it is time. */
  async look(): Promise<void> {
    const { folder, log } = this.#options;
    const authority = await openAuthority(folder, namesOf(this.#options));
    if (authority.cert !== this.#authority) {
      this.#authority = authority.cert;
      log.warn("the authority was made anew: phones must trust it once more");
    }
    const [names, outside] = divide(authority.scope, namesOf(this.#options));
    this.#tellOutside(outside);
    // Another server of this user may have renewed it.
    const kept = await readKeyPair(ownFiles(folder)).catch(() => this.#current);
    const pair = isGood(kept.cert, this.#authority, names) ? kept : await this.#issue(names);
    if (pair.cert === this.#current.cert) return;
    const isFirst = this.#current.cert === "";
    this.#current = pair;
    if (!isFirst)
      log.info(`the certificate is renewed, for ${[...names.names, ...names.addresses].join(", ")}`);
    for (const listener of this.#listeners) listener(pair);
  }

  /** Renew it no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#clock);
    this.#listeners.clear();
  }

  async #issue(names: OwnNames): Promise<KeyPair> {
    // Only here: it is large, and a start in a thousand makes a certificate.
    const { issue } = await import("./authority.ts");
    const { folder } = this.#options;
    const key = await readFile(join(folder, AUTHORITY.folder, AUTHORITY.key), "utf8");
    const pair = await issue({ cert: this.#authority, key }, names);
    await replace(join(folder, OWN_FILE), pair.cert + pair.key);
    return readKeyPair(ownFiles(folder));
  }

  #tellOutside(outside: readonly string[]): void {
    const text = outside.join(", ");
    if (text !== this.#outside && text !== "") {
      this.#options.log.warn(
        `the certificate is not for ${text}, which this machine was not called when its authority was made: ` +
          `delete ${this.#options.folder} for a new authority, which phones must trust once more`,
      );
    }
    this.#outside = text;
  }
}

function namesOf({ host, names }: OwnCertificateOptions): OwnNames {
  return names?.() ?? ownNames(host);
}

function ownFiles(folder: string): KeyPair {
  const file = join(folder, OWN_FILE);
  return { cert: file, key: file };
}

/** Whether a certificate may go on: of this authority, for all names, and not about to end. */
function isGood(cert: string, authority: string, { names, addresses }: OwnNames): boolean {
  if (cert === "") return false;
  const certificate = new X509Certificate(cert);
  return (
    certificate.verify(new X509Certificate(authority).publicKey) &&
    isFar(certificate.validTo, authority) &&
    names.every((name) => certificate.checkHost(name) !== undefined) &&
    addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

/** Whether an end is far away, or as far as the authority lets it be. */
function isFar(end: string, authority: string): boolean {
  const latest = validUntil(authority).getTime();
  return new Date(end).getTime() >= Math.min(Date.now() + RENEW_BEFORE_MS, latest);
}

interface Authority {
  readonly cert: string;
  readonly scope: Scope;
}

/** The authority that is kept, or a new one. */
async function openAuthority(folder: string, names: OwnNames): Promise<Authority> {
  const home = join(folder, AUTHORITY.folder);
  const kept = await readAuthority(home);
  if (kept !== undefined && validUntil(kept.cert).getTime() > Date.now() + RENEW_BEFORE_MS) return kept;
  const { makeAuthority } = await import("./authority.ts");
  const scope = scopeOf(names);
  const made = await makeAuthority(
    `hello-websocket on ${hostname()} (${randomBytes(2).toString("hex")})`,
    scope,
  );
  const draft = `${home}.${process.pid}-${randomBytes(4).toString("hex")}`;
  await mkdir(draft, PRIVATE_FOLDER);
  await writeFile(join(draft, AUTHORITY.key), made.key, PRIVATE_FILE);
  await writeFile(join(draft, AUTHORITY.cert), made.cert, PRIVATE_FILE);
  await writeFile(join(draft, AUTHORITY.scope), JSON.stringify(scope), PRIVATE_FILE);
  if (kept !== undefined) await rm(home, { recursive: true });
  try {
    await rename(draft, home);
  } catch (error) {
    // Another server of this user was faster.
    await rm(draft, { recursive: true });
    const theirs = await readAuthority(home);
    if (theirs === undefined) throw error;
    return theirs;
  }
  return { cert: made.cert, scope };
}

async function readAuthority(home: string): Promise<Authority | undefined> {
  try {
    const cert = await readFile(join(home, AUTHORITY.cert), "utf8");
    return { cert, scope: JSON.parse(await readFile(join(home, AUTHORITY.scope), "utf8")) as Scope };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, PRIVATE_FILE);
  await chmod(draft, PRIVATE_FILE.mode);
  await rename(draft, file);
}
