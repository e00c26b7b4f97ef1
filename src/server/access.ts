import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Name of the cookie that holds the token of a browser that came with a link. */
const COOKIE = "hello_token";

/** Names under which a browser reaches this machine and no other. */
const LOOPBACK_NAME = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** What of a request decides. */
export interface AccessRequest {
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** The decision on a request. `cookie` is to be set and the token taken out of the address. */
export type Access =
  | { readonly allowed: true; readonly cookie?: string | undefined }
  | { readonly allowed: false; readonly status: 401 | 403; readonly reason: string };

/** Whether an address to listen on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host) || host === "::1";
}

/**
 * The one gate for every route and the WebSocket. With a token, who has it may enter. Without one (loopback only)
 * the request must be addressed to this machine by a loopback name: another name that leads here is a foreign page's
 * trick (DNS rebinding).
 */
export class Gate {
  readonly #digest: Buffer | undefined;

  /** `token`: what opens the gate; `undefined` only for a server on loopback. */
  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : sha256(token);
  }

  /** Decide on a request. */
  check(request: AccessRequest): Access {
    if (this.#digest === undefined) {
      const name = hostName(request.headers.host);
      if (name !== undefined && LOOPBACK_NAME.test(name)) return { allowed: true };
      return { allowed: false, status: 403, reason: "this server answers to localhost only" };
    }
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (bearer !== undefined) return this.#matches(bearer) ? { allowed: true } : WRONG_TOKEN;
    const linked = new URLSearchParams(request.url.split("?")[1] ?? "").get("token");
    if (linked !== null) {
      return this.#matches(linked)
        ? {
            allowed: true,
            cookie: `${COOKIE}=${encodeURIComponent(linked)}; HttpOnly; SameSite=Strict; Path=/`,
          }
        : WRONG_TOKEN;
    }
    const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(request.headers.cookie ?? "")?.[1];
    if (cookie === undefined) return { allowed: false, status: 401, reason: "this server needs its token" };
    return this.#matches(decode(cookie)) ? { allowed: true } : WRONG_TOKEN;
  }

  /**
   * Decide on a WebSocket upgrade: a browser sends the page's origin along, and only our own page may connect
   * (RFC 6455 section 10.2). Programs send none.
   */
  checkUpgrade(request: AccessRequest): Access {
    if (isForeign(request)) {
      return { allowed: false, status: 403, reason: "a page of another origin may not connect" };
    }
    return this.check(request);
  }

  /**
   * Decide on a request that changes something: a camera's controls. Who may watch may do that too, but no page of another
   * origin may, though the browser has the cookie. The one place for roles to differ.
   */
  checkControl(request: AccessRequest): Access {
    if (isForeign(request)) {
      return { allowed: false, status: 403, reason: "a page of another origin may not change anything" };
    }
    return this.check(request);
  }

  #matches(token: string): boolean {
    return this.#digest !== undefined && timingSafeEqual(this.#digest, sha256(token));
  }
}

/** Whether a browser says that a page of another origin asks. Programs say nothing. */
function isForeign({ headers: { origin, host } }: AccessRequest): boolean {
  return origin !== undefined && (host === undefined || originHost(origin) !== host.toLowerCase());
}

const WRONG_TOKEN: Access = { allowed: false, status: 401, reason: "the token is wrong" };

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The name in a Host header, without its port. */
function hostName(host: string | undefined): string | undefined {
  return host?.replace(/:\d*$/, "");
}

/** Host and port of an origin, as a Host header has them; `undefined` for `null` and nonsense. */
function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function decode(cookie: string): string {
  try {
    return decodeURIComponent(cookie);
  } catch {
    return "";
  }
}
