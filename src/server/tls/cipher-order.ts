import { createCipheriv, randomBytes } from "node:crypto";
import { DEFAULT_CIPHERS } from "node:tls";

/** Bytes that are sealed to see how long it takes: a picture. */
const SAMPLE_BYTES = 64 * 1024;

/** How often; the fastest counts. */
const SAMPLES = 3;

/** ChaCha20 must be so many times as fast to come first: where a processor does AES itself, clients' processors do as well. */
const CLEARLY = 1.5;

/** The ciphers of TLS 1.3. All are safe, and every browser has all of them. */
const AES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
const CHACHA = ["TLS_CHACHA20_POLY1305_SHA256"];

let order: string | undefined;

/**
 * Ciphers in the order in which this machine prefers them, as OpenSSL wants them. Small computers without AES in their processor
 * seal several times as many pictures a second with ChaCha20, and a server seals each picture once for every viewer.
 */
export function cipherOrder(): string {
  order ??= inOrder(sealMs("aes-128-gcm", 16), sealMs("chacha20-poly1305", 32));
  return order;
}

/** The order for a machine that takes so long with each kind. */
export function inOrder(aesMs: number, chachaMs: number): string {
  const first = aesMs > CLEARLY * chachaMs ? [...CHACHA, ...AES] : [...AES, ...CHACHA];
  const older = DEFAULT_CIPHERS.split(":").filter((name) => !first.includes(name));
  return [...first, ...older].join(":");
}

function sealMs(name: "aes-128-gcm" | "chacha20-poly1305", keyBytes: number): number {
  const [key, nonce, picture] = [randomBytes(keyBytes), randomBytes(12), Buffer.alloc(SAMPLE_BYTES)];
  const times = Array.from({ length: SAMPLES }, () => {
    const beganMs = performance.now();
    // The two have types of their own, and the same options.
    const cipher = createCipheriv(name as "aes-128-gcm", key, nonce, { authTagLength: 16 });
    cipher.update(picture);
    cipher.final();
    return performance.now() - beganMs;
  });
  return Math.min(...times);
}
