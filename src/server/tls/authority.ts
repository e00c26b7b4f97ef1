import { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { KeyPair } from "./key-pair.ts";
import type { OwnNames } from "./own-names.ts";
import { nameConstraints, type Scope } from "./scope.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Days of an authority: each phone trusts it by hand, so it outlives the machine. */
const AUTHORITY_DAYS = 3650;

/** Days of a certificate. Apple refuses longer ones: 398 of public authorities, 825 of any. */
const CERTIFICATE_DAYS = 397;

/** Days by which a certificate is older than it is: the clock of a phone may be behind. */
const BACKDATED_DAYS = 2;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const NAME_CONSTRAINTS = "2.5.29.30";

/** Make an authority: a certificate that signs others, and its key. `name` is what people see in the list of those that they trust. */
export async function makeAuthority(name: string, scope: Scope): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }, { O: ["hello-websocket"] }],
    ...validity(AUTHORITY_DAYS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new Extension(NAME_CONSTRAINTS, true, new Uint8Array(nameConstraints(scope))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/** A certificate of the authority for this machine, with a key of its own. It ends no later than the authority. */
export async function issue(authority: KeyPair, { names, addresses }: OwnNames): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issuer = new X509Certificate(authority.cert);
  const certificate = await X509CertificateGenerator.create({
    subject: [
      { CN: [names.find((name) => name !== "localhost") ?? "localhost"] },
      { O: ["hello-websocket"] },
    ],
    issuer: issuer.subjectName,
    ...validity(CERTIFICATE_DAYS, issuer.notAfter),
    signingAlgorithm: SIGNING,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: "dns" as const, value })),
        ...addresses.map((value) => ({ type: "ip" as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: pem(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

function validity(days: number, latest?: Date): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Date.now() - BACKDATED_DAYS * DAY_MS);
  const end = notBefore.getTime() + days * DAY_MS;
  return { notBefore, notAfter: new Date(Math.min(end, latest?.getTime() ?? end)) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return pem(PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY"));
}

async function importKey(key: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(key);
  if (der === undefined) throw new Error("the authority's key is not in PEM");
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}

function pem(text: string): string {
  return `${text.trim()}\n`;
}
