/** Tiles in rows. */
export interface Tiles {
  readonly count: number;
  readonly columns: number;
}

/** To which tile a key leads from the one at `from` (-1: from none); `undefined` where there is none, or for another key. */
export function move(key: string, from: number, { count, columns }: Tiles): number | undefined {
  // The first step leads to the first tile, whatever its direction.
  if (from < 0) return count > 0 && KEYS.has(key) ? 0 : undefined;
  const to = destination(key, from, { count, columns });
  return to === undefined || to < 0 || to >= count || to === from ? undefined : to;
}

const KEYS: ReadonlySet<string> = new Set(["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End"]);

function destination(key: string, from: number, { count, columns }: Tiles): number | undefined {
  switch (key) {
    case "ArrowRight":
      return from + 1;
    case "ArrowLeft":
      return from - 1;
    case "ArrowUp":
      return from - columns;
    case "ArrowDown":
      // The last row may be shorter: then to its end.
      return sameRow(from, count - 1, columns) ? undefined : Math.min(from + columns, count - 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

function sameRow(a: number, b: number, columns: number): boolean {
  return Math.floor(a / columns) === Math.floor(b / columns);
}
