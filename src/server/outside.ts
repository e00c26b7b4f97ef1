import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AddressRanges, parseRange, plainAddress } from "./address-range.ts";

/** How a request looks where it began: on the far side of all proxies that are known. */
export interface Outside {
  /** IP address of the client. */
  readonly address: string;
  readonly scheme: "http" | "https";
  /** Path below which the client finds this server; it begins and ends with `/`. */
  readonly path: string;
  /** Address at the other end of the connection: the client's, or that of the nearest proxy. */
  readonly peer: string;
  /** That is a proxy that is believed. */
  readonly trusted: boolean;
  /** Which headers of proxies came, whether they are believed or not. */
  readonly forwarded: readonly string[];
}

/** What stands between this server and its clients. */
export interface Surroundings {
  /** Path below which a proxy shows this server; it begins and ends with `/`. Requests may come with it or without. */
  readonly basePath: string;
  /** Addresses of proxies, `ADDRESS` or `ADDRESS/BITS`. What `X-Forwarded-…` says is believed from these alone. */
  readonly proxies: readonly string[];
}

/** Nothing in between. */
export const NOTHING_BETWEEN: Surroundings = { basePath: "/", proxies: [] };

const HOST = /^[a-z0-9._-]{1,253}(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/i;
const PATH = /^(\/(?!\.{1,2}(\/|$))[\w.~-]{1,64}){1,8}\/?$/;

/** Addresses that a proxy may list. One that lists more is no proxy of ours. */
const MAX_HOPS = 16;

/** A request as Node has it, as far as it matters here. */
type Request = Pick<IncomingMessage, "headers" | "url"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** What proxies say of a client. Behind {@link Arrivals} the first two say what is true, and the others are gone. */
const FORWARDED = [
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-prefix",
  "forwarded",
];

const known = new WeakMap<object, Outside>();

/** How a request looks from outside. The one place that says who asks, by which scheme and below which path. */
export function outsideOf(request: Request): Outside {
  return known.get(request) ?? straight(request, "/");
}

/**
 * Lets requests arrive as if their clients had sent them here, whatever proxies made of them: `Host` is the one that the
 * client asked for, the path is that of this server, and nothing is left of what nobody should believe.
 */
export class Arrivals {
  readonly #basePath: string;
  readonly #proxies: AddressRanges;

  constructor({ basePath, proxies }: Surroundings) {
    this.#basePath = basePath;
    this.#proxies = new AddressRanges(proxies.map(parseRange));
  }

  /** Let a request arrive. Returns its path and query, which are its `url` from now on. */
  take(request: Request): string {
    const { headers } = request;
    const url = request.url ?? "/";
    const inner = this.#inner(url);
    request.url = inner;
    const near = straight(request, this.#basePath);
    const outside = this.#proxies.has(near.peer) ? this.#believed(headers, near, inner !== url) : near;
    const host = outside.trusted ? lastOf(headers["x-forwarded-host"]) : undefined;
    if (host !== undefined && isHost(host)) headers.host = host;
    for (const name of FORWARDED) delete headers[name];
    if (outside.trusted) {
      headers["x-forwarded-for"] = outside.address;
      headers["x-forwarded-proto"] = outside.scheme;
    }
    known.set(request, outside);
    return inner;
  }

  /** A path without that of the proxy in front of it. */
  #inner(url: string): string {
    const isBelow = this.#basePath !== "/" && url.startsWith(this.#basePath);
    return isBelow ? url.slice(this.#basePath.length - 1) : url;
  }

  /** `isWhole`: the proxy has left its own path in front of ours. */
  #believed(headers: IncomingHttpHeaders, near: Outside, isWhole: boolean): Outside {
    return {
      ...near,
      trusted: true,
      address: this.#client(headers, near.peer),
      scheme: schemeIn(headers) ?? near.scheme,
      path: this.#path(headers, isWhole),
    };
  }

  /** The last address that no known proxy has. What stands before it anybody can write. */
  #client(headers: IncomingHttpHeaders, peer: string): string {
    let client = peer;
    for (const hop of allOf(headers["x-forwarded-for"]).slice(-MAX_HOPS).toReversed()) {
      const address = this.#proxies.has(client) ? hopAddress(hop) : undefined;
      if (address === undefined) break;
      client = address;
    }
    return client;
  }

  #path(headers: IncomingHttpHeaders, isWhole: boolean): string {
    const prefix = lastOf(headers["x-forwarded-prefix"]);
    if (prefix === undefined || !PATH.test(prefix)) return this.#basePath;
    const path = prefix.endsWith("/") ? prefix : `${prefix}/`;
    return isWhole && !path.endsWith(this.#basePath) ? path + this.#basePath.slice(1) : path;
  }
}

/** Whether text is a host as a `Host` header has it: a name or address, and maybe a port. */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

/** Whether text is a path to be found below: `/` and up to eight names. */
export function isBasePath(text: string): boolean {
  return text === "/" || PATH.test(text);
}

/** A cookie as a client takes it back: only to this server's path, and where it came over https only over that. */
export function scopedCookie(cookie: string, { path, scheme }: Pick<Outside, "path" | "scheme">): string {
  const scoped = cookie.replace(/; *Path=\/(?=;|$)/i, `; Path=${path}`);
  return scheme === "https" && !/; *Secure(;|$)/i.test(scoped) ? `${scoped}; Secure` : scoped;
}

/** A request as it is if nothing stands in between. */
function straight({ socket, headers }: Request, path: string): Outside {
  const address = plainAddress(socket.remoteAddress ?? "");
  return {
    address,
    peer: address,
    scheme: "encrypted" in socket && socket.encrypted === true ? "https" : "http",
    path,
    trusted: false,
    forwarded: FORWARDED.filter((name) => headers[name] !== undefined),
  };
}

function schemeIn(headers: IncomingHttpHeaders): "http" | "https" | undefined {
  const scheme = lastOf(headers["x-forwarded-proto"])?.toLowerCase();
  // What a proxy says of a WebSocket.
  if (scheme === "https" || scheme === "wss") return "https";
  return scheme === "http" || scheme === "ws" ? "http" : undefined;
}

/** An address in X-Forwarded-For; some proxies add the port. */
function hopAddress(hop: string): string | undefined {
  const plain =
    /^\[([^\]]+)\](:\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+)(:\d+)?$/.exec(hop)?.[1] ?? hop;
  try {
    return plainAddress(parseRange(plain).address);
  } catch {
    return undefined;
  }
}

function allOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  return text === "" ? [] : text.split(",").map((part) => part.trim());
}

/** What the nearest proxy says: those who add to a header add at its end, and what stands before it anybody can write. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return allOf(header).at(-1);
}
