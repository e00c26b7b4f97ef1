import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** Cost of a new hash, as OWASP has it for scrypt: 32 MiB, three passes; a quarter of a second on a small server. */
const COST: Cost = { logN: 15, blockSize: 8, parallel: 3 };

/** Bytes of a salt. */
const SALT_BYTES = 16;

/** Bytes of a hash. */
const HASH_BYTES = 32;

/** Bytes of memory that one comparison may take: a hash from elsewhere must not take the machine. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Characters of a password. */
export const MAX_PASSWORD_CHARACTERS = 1024;

const FORM =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface Cost {
  readonly logN: number;
  readonly blockSize: number;
  readonly parallel: number;
}

/** A password as it is kept: nobody can get it back. */
export interface PasswordHash extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** What no password matches, at the cost of one that some does. */
export const NOBODY: PasswordHash = {
  ...COST,
  salt: Buffer.alloc(SALT_BYTES),
  hash: Buffer.alloc(HASH_BYTES),
};

/** A password as it may stand in the config: `$scrypt$ln=15,r=8,p=3$SALT$HASH`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, COST);
  const { logN, blockSize, parallel } = COST;
  return `$scrypt$ln=${logN},r=${blockSize},p=${parallel}$${base64(salt)}$${base64(hash)}`;
}

/** Read what {@link hashPassword} made; `undefined` if it is nothing of the kind, or costs more than is borne. */
export function readPasswordHash(text: string): PasswordHash | undefined {
  const found = FORM.exec(text);
  if (found === null) return undefined;
  const [logN = 0, blockSize = 0, parallel = 0] = found.slice(1, 4).map(Number);
  const cost = { logN, blockSize, parallel };
  if (logN < 1 || blockSize < 1 || parallel < 1 || memoryBytes(cost) > MAX_MEMORY_BYTES) return undefined;
  return {
    ...cost,
    salt: Buffer.from(found[4] ?? "", "base64"),
    hash: Buffer.from(found[5] ?? "", "base64"),
  };
}

/** Whether a password is the one. Takes as long for a wrong one as for the right one, and does not hold the event loop up. */
export async function matchesPassword(password: string, known: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, known.salt, known.hash.byteLength, known), known.hash);
}

function derive(password: string, salt: Buffer, bytes: number, cost: Cost): Promise<Buffer> {
  const options: ScryptOptions = {
    N: 2 ** cost.logN,
    r: cost.blockSize,
    p: cost.parallel,
    maxmem: 2 * MAX_MEMORY_BYTES,
  };
  return new Promise((resolve, reject) => {
    // The same letters can be typed in several ways.
    scrypt(password.normalize("NFKC"), salt, bytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function memoryBytes({ logN, blockSize, parallel }: Cost): number {
  return 128 * blockSize * (2 ** logN + parallel);
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
