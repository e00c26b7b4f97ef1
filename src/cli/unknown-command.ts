import { redact } from "../recorder/redact.ts";
import { nearest } from "./config/nearest.ts";

/** What only the source of a camera, or its id and source, has in it. */
const OF_A_SOURCE = /[=:/]/;

/** The sentence for a word that stands where a command would, and is none of `known`. */
export function unknownCommand(word: string, known: readonly string[]): string {
  if (OF_A_SOURCE.test(word))
    return `unknown command "${redact(word)}": a camera is named as --camera ID=SOURCE`;
  const near = nearest(word, known);
  return `unknown command "${word}": ${near === undefined ? `expected ${known.join(", ")}` : `did you mean "${near}"?`}`;
}
