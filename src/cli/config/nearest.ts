/** Edits of a word that are still taken for a slip: one in so many letters. */
const LETTERS_PER_SLIP = 3;

/** The word of `known` that was probably meant by `word`; `undefined` if none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const [a, b] = [plain(word), plain(candidate)];
    const slips = distance(a, b);
    if (slips >= least || slips > Math.max(1, Math.floor(Math.max(a.length, b.length) / LETTERS_PER_SLIP)))
      continue;
    least = slips;
    best = candidate;
  }
  return best;
}

/** A key without what people write differently: `log-level`, `log_level` and `LogLevel` are one. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, "");
}

/** Letters to insert, drop, replace or swap with their neighbour to make one word of the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, at(before, j - 2) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
