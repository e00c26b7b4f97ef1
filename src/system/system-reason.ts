import { getSystemErrorMap } from "node:util";

/** Why something failed, in the words of the system ("no such file or directory") rather than in those of a function ("ENOENT: …, open …"). */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno, code, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // Of a host with several addresses each has failed.
  if (errors?.[0] !== undefined && error.message === "") return systemReason(errors[0]);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "no such host";
  const text = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return text ?? (error.message || code || error.name);
}
