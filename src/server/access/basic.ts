import type { Seal } from "./seal.ts";
import type { User } from "./user.ts";

/** Users whose password is remembered to be right. Beyond it the one that is known for longest is asked again. */
const MAX_PROOFS = 1000;

/** What software of homes and printers says with every request: HTTP's Basic authentication (RFC 7617). */
export interface Basic {
  readonly name: string;
  readonly password: string;
}

/** Read an `Authorization` header; `undefined` if it is no Basic one, or has no password. */
export function readBasic(header: string | undefined): Basic | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0 || colon === text.length - 1) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * Remembers which password was right for whom, as a fingerprint: to compare one takes a tenth of a second of a core, and a printer asks for
 * a picture every second. Another password of the user makes it forgotten.
 */
export class Proofs {
  readonly #seal: Seal;
  readonly #proven = new Map<string, string>();

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  /** Whether this password was right for the user as it is. */
  has(user: User, password: string): boolean {
    return this.#proven.get(user.name) === this.#proof(user, password);
  }

  /** It was right. */
  add(user: User, password: string): void {
    this.#proven.delete(user.name);
    this.#proven.set(user.name, this.#proof(user, password));
    if (this.#proven.size <= MAX_PROOFS) return;
    for (const oldest of this.#proven.keys()) {
      this.#proven.delete(oldest);
      return;
    }
  }

  #proof({ password: hash }: User, password: string): string {
    return this.#seal.fingerprint(`${hash}\n${password}`);
  }
}
