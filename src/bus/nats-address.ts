/** How a program proves to NATS who it is, and how it knows that it talks to the right one. Files are read at every connection. */
export interface NatsLogin {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** A credentials file: a JWT and its key. */
  readonly credentials?: string | undefined;
  /** A file with the seed of an nkey. */
  readonly nkey?: string | undefined;
  /** Certificates of who signs NATS's certificate; absent for those that Node trusts. */
  readonly ca?: string | undefined;
  /** This program's own certificate, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** A NATS server or cluster. */
export interface NatsAddress {
  readonly kind: "nats";
  /** `HOST:PORT` of some of its servers; it says which others there are. */
  readonly servers: readonly string[];
  /** Whether to insist on TLS. A server that requires it gets it in any case. */
  readonly tls: boolean;
  readonly login: NatsLogin;
}

/** The port that NATS listens on unless it is told otherwise. */
const DEFAULT_PORT = 4222;

/** Servers that may be named. A client needs one that answers; the others are for when that one is down. */
const MAX_SERVERS = 64;

const FILES = ["credentials", "nkey", "ca", "cert", "key"] as const;

const EXPECTED =
  "nats://[USER:PASSWORD@]HOST:PORT[,HOST:PORT][?ca=FILE&cert=FILE&key=FILE&credentials=FILE&nkey=FILE]";

/** Whether `text` is meant to be the address of a NATS. */
export function isNats(text: string): boolean {
  return /^(nats|tls):\/\//i.test(text);
}

/**
 * Read an address as a user writes it. `tls://` insists on TLS; so do `ca`, `cert` and `key`.
 * @throws RangeError with one sentence that repeats nothing of the login
 */
export function parseNatsAddress(text: string): NatsAddress {
  const match = /^(nats|tls):\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/i.exec(text);
  if (match === null) throw new RangeError(`that is no address of NATS: expected ${EXPECTED}`);
  const [, scheme = "", login, hosts = "", query = ""] = match;
  const servers = hosts.split(",").map(server);
  if (servers.length > MAX_SERVERS) {
    throw new RangeError(`${servers.length} servers of NATS are too many: expected at most ${MAX_SERVERS}`);
  }
  const files = fileParts(query);
  const tls = scheme.toLowerCase() === "tls" || files.ca !== undefined || files.cert !== undefined;
  return { kind: "nats", servers, tls, login: { ...loginParts(login), ...files } };
}

/** The address without its login, for people. */
export function formatNatsAddress({ servers, tls }: NatsAddress): string {
  return `${tls ? "tls" : "nats"}://${servers.join(",")}`;
}

function server(text: string): string {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (match?.[1] === undefined || port < 1 || port > 65_535) {
    throw new RangeError(`"${text}" is no server of NATS: expected HOST:PORT`);
  }
  return `${match[1]}:${port}`;
}

function loginParts(login: string | undefined): Pick<NatsLogin, "user" | "password" | "token"> {
  if (login === undefined || login === "") return {};
  const colon = login.indexOf(":");
  try {
    if (colon === -1) return { token: decodeURIComponent(login) };
    return {
      user: decodeURIComponent(login.slice(0, colon)),
      password: decodeURIComponent(login.slice(colon + 1)),
    };
  } catch {
    throw new RangeError("the login of NATS has a % that is none: expected it as %25");
  }
}

function fileParts(query: string): Partial<Record<(typeof FILES)[number], string>> {
  const parts: Partial<Record<(typeof FILES)[number], string>> = {};
  for (const [key, value] of new URLSearchParams(query)) {
    const known = FILES.find((name) => name === key);
    if (known === undefined) throw new RangeError(`NATS has no part "${key}": expected ${FILES.join(", ")}`);
    if (value === "") throw new RangeError(`the part ${key} is empty: expected the name of a file`);
    parts[known] = value;
  }
  if ((parts.cert === undefined) !== (parts.key === undefined)) {
    throw new RangeError("a certificate and its key belong together: expected cert=FILE&key=FILE");
  }
  return parts;
}
