import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { text } from "node:stream/consumers";
import { systemReason } from "../system/system-reason.ts";
import { keptToken } from "./access-state.ts";
import type { Config } from "./config.ts";
import { openStateFolder } from "./state-folder.ts";

/** Milliseconds that a server has to answer. It waits for a picture that is new enough, but one that takes so long is not well. */
const PATIENCE_MS = 60_000;

/** What to ask for beside the server itself. */
export interface HealthFlags {
  readonly id?: string;
  readonly maxAge?: string;
}

/**
 * `health`: ask the server that runs here with these settings how it is, and say what it answers. Whether all is well.
 * @throws UsageError if what is kept here cannot be trusted
 */
export async function health(
  config: Config,
  environment: NodeJS.ProcessEnv,
  flags: HealthFlags,
  say: (line: string) => void,
): Promise<boolean> {
  const { host, port, door } = config;
  // Only read: a token that is made here would be one that the server tells nobody.
  const token = config.token ?? keptToken(openStateFolder(environment));
  const isSecure = door.tls.mode !== "off";
  const url = new URL(`${isSecure ? "https" : "http"}://localhost${door.surroundings.basePath}healthz`);
  if (flags.id !== undefined) url.searchParams.set("camera", flags.id);
  if (flags.maxAge !== undefined) url.searchParams.set("maxAge", flags.maxAge);
  // One that listens on all addresses listens on this machine's own.
  const hostname = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  try {
    const { status, body } = await get(url, hostname, port, token);
    say(body.trim());
    // One that asks for a login that is not kept here answers at least.
    return status === 200 || (status === 401 && flags.id === undefined);
  } catch (error) {
    say(`no answer from port ${port}: ${systemReason(error)}`);
    return false;
  }
}

async function get(
  url: URL,
  hostname: string,
  port: number,
  token: string | undefined,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      path: url.pathname + url.search,
      headers: {
        host: `localhost:${port}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
      // It is asked on this machine, at an address that its certificate need not name.
      rejectUnauthorized: false,
    };
    const request = (url.protocol === "https:" ? secureRequest : plainRequest)(options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    request.once("error", reject);
    request.end();
  });
}
