import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { authorization, type Credentials, splitCredentials } from "./http-auth.ts";
import { redact } from "./redact.ts";

/** A camera that moved more often is leading us around. */
const MAX_REDIRECTS = 5;

/** The other end did not give what was asked for. The message goes on from "cannot open URL: ". */
export class HttpError extends Error {
  override readonly name = "HttpError";
}

/** Limits of {@link getStream}. */
export interface GetOptions {
  /** Ends the request, and the response while it is being read. */
  readonly signal: AbortSignal;
  /** For the connection and the headers of each answer, in ms. */
  readonly answerMs: number;
}

/**
 * Ask for `address` and wait for the headers of a good answer; its body is the caller's to read. Follows redirects,
 * and logs in with the user and password in the address: these go to its own host only.
 * @throws HttpError, or the error of the connection
 */
export async function getStream(address: string, options: GetOptions): Promise<IncomingMessage> {
  let { url, credentials } = splitCredentials(new URL(address));
  const { host } = url;
  let login: string | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; ) {
    const response = await ask(url, login, options);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const challenge = response.headers["www-authenticate"];
    if (status >= 200 && status < 300) return response;
    response.destroy();
    if (status === 401 && challenge !== undefined && login === undefined && url.host === host) {
      login = answerTo(challenge, credentials, url);
      if (login !== undefined) continue;
    }
    if (status < 300 || status >= 400 || location === undefined)
      throw refusal(status, response.statusMessage);
    ({ url, credentials } = follow(location, url, credentials));
    login = undefined;
    redirects++;
  }
  throw new HttpError(`it redirects more than ${MAX_REDIRECTS} times`);
}

function answerTo(challenge: string, credentials: Credentials | undefined, url: URL): string | undefined {
  if (credentials === undefined) return undefined;
  return authorization(challenge, credentials, { method: "GET", path: url.pathname + url.search });
}

function follow(
  location: string,
  from: URL,
  known: Credentials | undefined,
): ReturnType<typeof splitCredentials> {
  if (!URL.canParse(location, from.href)) throw new HttpError("it redirects to something that is no URL");
  const next = splitCredentials(new URL(location, from));
  if (!/^https?:$/.test(next.url.protocol)) {
    throw new HttpError(`it redirects to ${redact(next.url.href)}; expected http or https`);
  }
  return { url: next.url, credentials: next.credentials ?? known };
}

function refusal(status: number, text: string | undefined): HttpError {
  const hint = status === 401 || status === 403 ? "; is the user or the password wrong or missing?" : "";
  return new HttpError(`it answered ${status}${text ? ` ${text}` : ""}${hint}`);
}

function ask(
  url: URL,
  login: string | undefined,
  { signal, answerMs }: GetOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const headers = { accept: "multipart/x-mixed-replace, */*", ...(login && { authorization: login }) };
    const request = send(url, { headers, signal, agent: false }, resolve);
    // A timer of our own: that of a request does not count the time until it is connected.
    const timer = setTimeout(() => {
      request.destroy(new HttpError(`it did not answer within ${answerMs / 1000} s`));
    }, answerMs);
    request.once("response", () => clearTimeout(timer));
    request.once("close", () => clearTimeout(timer));
    request.on("error", reject);
    request.end();
  });
}
