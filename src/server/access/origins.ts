import type { IncomingHttpHeaders } from "node:http";

/** What a listed page may send. */
const ALLOWED_HEADERS = "Authorization, Content-Type";
const ALLOWED_METHODS = "GET, HEAD, POST, PUT, DELETE";
/** What a listed page may read beside the body. */
const EXPOSED_HEADERS = "Retry-After, X-Age-Ms, X-Captured-At, X-Sequence, X-State";
/** Seconds for which a browser need not ask again. */
const MAX_AGE_SECONDS = 600;

/** The pages of other origins that may use this server. None, unless the user lists some. */
export class Origins {
  readonly #listed: ReadonlySet<string>;

  constructor(listed: readonly string[]) {
    this.#listed = new Set(listed);
  }

  /** Whether a browser says that a page asks that is neither ours nor listed. Programs say nothing. */
  isForeign({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
    if (origin === undefined) {
      const site = headers["sec-fetch-site"];
      return site === "cross-site" || site === "same-site";
    }
    if (this.#listed.has(origin)) return false;
    return host === undefined || originHost(origin) !== host.toLowerCase();
  }

  /** Headers for a page of a listed origin; none for others. */
  headers(origin: string | undefined): Readonly<Record<string, string>> {
    if (this.#listed.size === 0) return {};
    // What a cache keeps for one origin is not for another.
    const vary = { Vary: "Origin" };
    if (origin === undefined || !this.#listed.has(origin)) return vary;
    return {
      ...vary,
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    };
  }

  /** Headers of the answer to a browser that asks in advance for a page of a listed origin; `undefined` for others. */
  preflight(headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined {
    const { origin } = headers;
    if (origin === undefined || !this.#listed.has(origin)) return undefined;
    return {
      ...this.headers(origin),
      "Access-Control-Allow-Methods": ALLOWED_METHODS,
      "Access-Control-Allow-Headers": ALLOWED_HEADERS,
      "Access-Control-Max-Age": String(MAX_AGE_SECONDS),
    };
  }
}

/** Host and port of an origin, as a Host header has them; `undefined` for `null` and nonsense. */
function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
