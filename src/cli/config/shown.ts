/** Characters of a value that are repeated in a sentence. */
const MAX_SHOWN_CHARACTERS = 60;

/** A value as a sentence about it repeats it: short, and never one that may hold a password. */
export function shown(value: unknown, isSecret = false): string {
  if (isSecret) return "the value";
  if (value === undefined || value === null) return "no value";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string" && /[@$]|:\/\//.test(value)) return "the value";
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…"` : text;
}
