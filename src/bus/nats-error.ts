import { systemReason } from "../system/system-reason.ts";

/** Why NATS could not do something. The message is one sentence. */
export class NatsError extends Error {
  override readonly name = "NatsError";
  /** `nobody`: nobody is there to answer. `late`: no answer came. `fatal`: trying again does not help. */
  readonly kind: "fatal" | "nobody" | "late";

  constructor(message: string, kind: "fatal" | "nobody" | "late" = "fatal") {
    super(message);
    this.kind = kind;
  }
}

/** Node's and OpenSSL's codes for a certificate of the other side that is not accepted. */
const UNTRUSTED =
  /CERT_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH/;

/** Codes for this side's certificate being refused, or missing. */
const OWN_CERTIFICATE =
  /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE)|TLSV1.*ALERT|BAD_CERTIFICATE|SSLV3_ALERT/;

/** Whether a connection failed for a reason that the user has to put right. */
export function isFatal(error: unknown): boolean {
  return explain(error) !== undefined;
}

/** One sentence for why there is no connection to NATS at `where`. */
export function sentence(error: unknown, where: string): string {
  const known = explain(error);
  if (known !== undefined) return `NATS at ${where} ${known}`;
  return `NATS at ${where} is not there: ${systemReason(systemErrorOf(error) ?? error)}`;
}

function explain(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error) ?? "";
  const text = `${code} ${error.message}`;
  if (error instanceof NatsError) return `cannot be used: ${error.message}`;
  if (error.name === "AuthorizationError" || /authorization violation|authentication/i.test(text)) {
    return "refuses the login: expected the right user and password, token, credentials or nkey";
  }
  if (OWN_CERTIFICATE.test(code)) {
    return `refuses this program's certificate (${code}): expected cert=FILE&key=FILE that it trusts`;
  }
  if (UNTRUSTED.test(code))
    return `has a certificate that is not trusted (${code}): expected ca=FILE of who signed it`;
  if (/does not support 'tls'|'tls' is not available/.test(text))
    return "offers no TLS: expected nats:// for it";
  const file =
    /^(.*) doesn't exist$/.exec(error.message)?.[1] ??
    (code === "ENOENT" || code === "EACCES" ? pathOf(error) : undefined);
  if (file !== undefined) return `needs the file ${file}, which cannot be read`;
  if (/unable to parse credentials|invalid .*seed|illegal.*seed/i.test(text)) {
    return "needs a login file with a key in it, and this has none";
  }
  if (/PEM|ERR_OSSL|KEY_VALUES_MISMATCH/.test(text))
    return `needs a certificate and key in PEM that belong together (${code})`;
  return undefined;
}

function codeOf(error: Error): string | undefined {
  return systemErrorOf(error)?.code;
}

// NATS's client wraps what failed below it.
function systemErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? error : systemErrorOf(error.cause);
}

function pathOf(error: Error): string | undefined {
  const { path } = error as NodeJS.ErrnoException;
  return path ?? (error.cause instanceof Error ? pathOf(error.cause) : undefined);
}
