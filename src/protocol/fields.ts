import { ProtocolError } from "./error.ts";

/**
 * Readers for the fields of a JSON message. Each takes the value, the path that names it in an error, and its
 * bounds; each throws `HW_MALFORMED` with what was expected. The value itself is never echoed: it comes from a peer.
 */

/** An object. */
export function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw malformed(path, "an object");
}

/** A string of at most `maxCharacters`. */
export function text(value: unknown, path: string, maxCharacters: number): string {
  if (typeof value === "string" && value.length <= maxCharacters) return value;
  throw malformed(path, `text of at most ${maxCharacters} characters`);
}

/** A finite number from `min` to `max`. */
export function number(value: unknown, path: string, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw malformed(path, `a number from ${min} to ${max}`);
}

/** A whole number from `min` to `max`. */
export function integer(value: unknown, path: string, min: number, max: number): number {
  if (Number.isInteger(value)) return number(value, path, min, max);
  throw malformed(path, `a whole number from ${min} to ${max}`);
}

/** An array of at most `maxItems`, each read by `item`. */
export function array<T>(
  value: unknown,
  path: string,
  maxItems: number,
  item: (value: unknown, path: string) => T,
): readonly T[] {
  if (Array.isArray(value) && value.length <= maxItems) {
    return value.map((entry, index) => item(entry, `${path}[${index}]`));
  }
  throw malformed(path, `a list of at most ${maxItems}`);
}

/** `undefined` where the field is absent, else what `read` makes of it. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function malformed(path: string, expected: string): ProtocolError {
  return new ProtocolError("HW_MALFORMED", `${path} must be ${expected}`);
}
