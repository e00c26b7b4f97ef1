const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** What a right duration is; ends the sentence "expected …". */
export const DURATION_EXPECTED = "a time such as 500ms, 2s, 1.5s, 1m or 1h, of at most 24h";

const MAX_MS = 24 * MILLISECONDS.h;

/** Milliseconds of a duration as people write it: `500ms`, `2s`, `1.5m`, `1h`. `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,8}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const ms = Number(digits) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  return ms > 0 && ms <= MAX_MS ? ms : undefined;
}
