import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Share } from "./share.ts";

const ALGORITHM = "HS256";

/** Bytes of a key. */
export const KEY_BYTES = 32;

/** Who a session is for. */
export interface Session {
  readonly id: string;
  readonly kind: "token" | "user" | "share";
  /** Of a user its name, of a share link its id; empty for the token. */
  readonly name: string;
  /** What it was opened with; see {@link Seal.fingerprint}. */
  readonly fingerprint: string;
  readonly endsAtMs: number;
}

/** Signs what browsers keep for us (sessions and share links), and knows its own signature again. JSON Web Tokens. */
export class Seal {
  readonly #key: KeyObject;
  readonly #server: string;

  /** `server` tells several that share a key apart. */
  constructor(key: Uint8Array, server: string) {
    this.#key = createSecretKey(key);
    this.#server = server;
  }

  /** A short text that is the same for the same secret, and tells nothing about it. */
  fingerprint(secret: string): string {
    return createHmac("sha256", this.#key).update(secret).digest("base64url").slice(0, 22);
  }

  /** What the cookie of a session holds. */
  session({ id, kind, name, fingerprint, endsAtMs }: Session): Promise<string> {
    return this.#sign({ jti: id, sub: name, kind, fp: fingerprint }, "session", endsAtMs);
  }

  /** Read a session; `undefined` if it is none of ours, or has ended. */
  async readSession(text: string): Promise<Session | undefined> {
    const claims = await this.#verify(text, "session");
    if (claims?.exp === undefined || claims.exp * 1000 <= Date.now()) return undefined;
    return {
      id: String(claims.jti),
      kind: claims["kind"] as Session["kind"],
      name: String(claims.sub),
      fingerprint: String(claims["fp"]),
      endsAtMs: claims.exp * 1000,
    };
  }

  /** The token in a share link. The same for the same share. */
  share({ id, endsAtMs }: Share): Promise<string> {
    return this.#sign({ jti: id }, "share", endsAtMs);
  }

  /** The id of a share link, whether it has ended or not; `undefined` if it is none of ours. */
  async readShare(text: string): Promise<string | undefined> {
    return (await this.#verify(text, "share"))?.jti;
  }

  #sign(claims: JWTPayload, use: string, endsAtMs: number): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM })
      .setAudience(`${use}:${this.#server}`)
      .setExpirationTime(Math.ceil(endsAtMs / 1000))
      .sign(this.#key);
  }

  async #verify(text: string, use: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(text, this.#key, {
        algorithms: [ALGORITHM],
        audience: `${use}:${this.#server}`,
        // Who asks decides what to say of one that has ended.
        currentDate: new Date(0),
      });
      return payload;
    } catch {
      return undefined;
    }
  }
}
