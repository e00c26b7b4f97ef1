/** The lab cannot do what it was asked for, and has measured nothing. The message is a sentence for the user. */
export class LabError extends Error {
  override readonly name = "LabError";
}
