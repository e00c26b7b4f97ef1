import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Config } from "../config.ts";
import { statePath } from "../state-folder.ts";
import { UsageError } from "../usage-error.ts";
import { checkProxy } from "./check.ts";
import { Probe } from "./probe.ts";

/** `doctor --url`: say what stands between here and a server, and what of a page's requests it drops. Whether all is well. */
export async function doctorOfProxy(
  text: string,
  { token }: Config,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<boolean> {
  const url = readUrl(text);
  const linked = url.searchParams.get("token") ?? undefined;
  url.search = "";
  const files = [
    join(statePath(environment, process.platform, homedir()), "tls", "authority", "certificate.pem"),
    environment["NODE_EXTRA_CA_CERTS"],
  ];
  const probe = new Probe(url, token ?? linked, [...rootCertificates, ...files.flatMap(readAuthority)]);
  let isWell = true;
  const tell = (what: string, well: boolean, says: string): void => {
    isWell &&= well;
    say(`${well ? "ok     " : "WRONG  "}  ${what}: ${says}`);
  };
  try {
    for await (const { what, well, says } of checkProxy(probe)) tell(what, well, says);
  } catch (error) {
    tell(url.host, false, explain(error as NodeJS.ErrnoException, url));
  } finally {
    probe.close();
  }
  return isWell;
}

/** The address, with a slash at its end: what a page names is relative to it. */
function readUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`--url: ${text} is no address: expected one such as https://home.example/cam/`);
  }
  const url = new URL(text);
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function readAuthority(file: string | undefined): string[] {
  try {
    return file === undefined ? [] : [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}

/** Why nothing came at all, in one sentence. */
function explain({ code, message }: NodeJS.ErrnoException, { hostname, host }: URL): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `no address is known for ${hostname}`;
    case "ECONNREFUSED":
      return `nobody listens at ${host}`;
    case "CERT_HAS_EXPIRED":
      return "its certificate has ended: browsers refuse it";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `its certificate is not for ${hostname}: browsers refuse it`;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return (
        "its certificate comes from an authority that is not known here, or its chain is incomplete: " +
        "NODE_EXTRA_CA_CERTS names a file of another authority"
      );
    case "EPROTO":
      return `does not speak TLS there: ${message.split("\n")[0]}`;
    default:
      return message;
  }
}
