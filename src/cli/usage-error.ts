/** The user asked for something that cannot be. The message is one sentence; the command ends with status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
