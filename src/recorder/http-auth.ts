import { createHash, randomBytes } from "node:crypto";

/** A user's name and password. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The request that asks to be let in. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** The credentials in `url`, and `url` without them. */
export function splitCredentials(url: URL): {
  readonly url: URL;
  readonly credentials: Credentials | undefined;
} {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  if (url.username === "" && url.password === "") return { url: bare, credentials: undefined };
  return { url: bare, credentials: { user: decode(url.username), password: decode(url.password) } };
}

// A password that was written with a bare % is taken as it stands.
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The `Authorization` header that answers a server's `WWW-Authenticate` (Basic, or Digest as in RFC 7616); `undefined`
 * if the server wants another way.
 */
export function authorization(
  challenge: string,
  { user, password }: Credentials,
  asked: Asked,
): string | undefined {
  const schemes = challenge.split(/,\s*(?=(?:basic|digest|bearer|negotiate|ntlm)\b)/i);
  const digest = schemes.find((scheme) => /^\s*digest\s/i.test(scheme));
  const answer = digest === undefined ? undefined : digestAnswer(digest, { user, password }, asked);
  if (answer !== undefined) return answer;
  if (!schemes.some((scheme) => /^\s*basic\b/i.test(scheme))) return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

const HASHES: Readonly<Record<string, string>> = { md5: "md5", "sha-256": "sha256" };

function digestAnswer(challenge: string, { user, password }: Credentials, asked: Asked): string | undefined {
  const field = (name: string): string | undefined => {
    const match = new RegExp(`[\\s,]${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,]+))`, "i").exec(
      challenge,
    );
    return match?.[1] ?? match?.[2];
  };
  const algorithm = field("algorithm") ?? "MD5";
  const hashName = HASHES[algorithm.toLowerCase()];
  const nonce = field("nonce");
  if (hashName === undefined || nonce === undefined) return undefined;
  const hash = (text: string): string => createHash(hashName).update(text).digest("hex");
  const realm = field("realm") ?? "";
  const opaque = field("opaque");
  const secret = hash(`${user}:${realm}:${password}`);
  const request = hash(`${asked.method}:${asked.path}`);
  const wantsQop =
    field("qop")
      ?.split(/\s*,\s*/)
      .includes("auth") === true;
  const [count, own] = ["00000001", randomBytes(8).toString("hex")];
  const response = wantsQop
    ? hash(`${secret}:${nonce}:${count}:${own}:auth:${request}`)
    : hash(`${secret}:${nonce}:${request}`);
  const parts = [
    `username="${user.replace(/["\\]/g, "\\$&")}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${asked.path}"`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(wantsQop ? ["qop=auth", `nc=${count}`, `cnonce="${own}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${parts.join(", ")}`;
}
