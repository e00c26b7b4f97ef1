import { systemReason } from "../system/system-reason.ts";
import { SourceError } from "./frame-source.ts";
import { redact } from "./redact.ts";

/** `error` as one sentence for the user: what failed, and why. A {@link SourceError} is one already. */
export function failure(what: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  return new SourceError(redact(`${what}: ${systemReason(error)}`), { cause: error });
}
