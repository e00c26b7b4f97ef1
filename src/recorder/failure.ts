import { getSystemErrorMap } from "node:util";
import { SourceError } from "./frame-source.ts";
import { redact } from "./redact.ts";

/** `error` as one sentence for the user: what failed, and why. A {@link SourceError} is one already. */
export function failure(what: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  return new SourceError(redact(`${what}: ${reason(error)}`), { cause: error });
}

// The system's own words ("connection refused") rather than those of a function ("connect ECONNREFUSED ::1:80").
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno, code, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (errors?.[0] !== undefined && error.message === "") return reason(errors[0]);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "no such host";
  const text = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return text ?? (error.message || code || error.name);
}
