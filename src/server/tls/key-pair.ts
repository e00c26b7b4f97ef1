import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { systemReason } from "../../system/system-reason.ts";

/** Largest file of a certificate or key, in bytes. A chain of ten takes a quarter. */
const MAX_FILE_BYTES = 128 * 1024;

/** A certificate cannot be used. The message is one sentence. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** A certificate with its chain, and its private key; both in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A server's certificate, which may be replaced while it serves. */
export interface Certificate {
  readonly current: KeyPair;
  /** Hear of each new one. Returns how to stop that. */
  follow(listener: (pair: KeyPair) => void): () => void;
}

/** Where a pair of PEM files is; one file may hold both. */
export interface KeyPairFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Read a certificate and its key, and see that they belong together.
 * @throws CertificateError that names the file and what was expected
 */
export async function readKeyPair(files: KeyPairFiles): Promise<KeyPair> {
  const pair = { cert: await readText(files.cert), key: await readText(files.key) };
  const certificate = attempt(
    () => new X509Certificate(pair.cert),
    `${files.cert} holds no certificate: expected PEM, the server's own first`,
  );
  const key = attempt(
    () => createPrivateKey(pair.key),
    `${files.key} holds no usable private key: expected PEM without a passphrase`,
  );
  if (!certificate.checkPrivateKey(key)) {
    throw new CertificateError(`${files.key} is the key of another certificate than ${files.cert}`);
  }
  attempt(() => createSecureContext({ ...pair }), `${files.cert} cannot be used: expected a chain in PEM`);
  return pair;
}

/** Until when a certificate is valid. */
export function validUntil(cert: string): Date {
  return new Date(new X509Certificate(cert).validTo);
}

async function readText(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new CertificateError(`${file} cannot be read: ${systemReason(error)}`);
  }
  if (text.length > MAX_FILE_BYTES) {
    throw new CertificateError(`${file} is too long: expected at most ${MAX_FILE_BYTES} bytes`);
  }
  return text;
}

function attempt<T>(make: () => T, sentence: string): T {
  try {
    return make();
  } catch {
    throw new CertificateError(sentence);
  }
}
