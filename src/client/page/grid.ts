/** The room that a wall has, in CSS pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
  /** Between two tiles. */
  readonly gap: number;
  /** Width by height of a tile. */
  readonly ratio: number;
  /** A tile is no narrower while the room is not, even if the wall must then be scrolled. */
  readonly minWidth: number;
  /** A wall that must be scrolled anyway may as well have tiles of this width. */
  readonly scrolledWidth: number;
}

/** How to lay tiles out. */
export interface Grid {
  readonly columns: number;
  /** Width of a tile. */
  readonly tileWidth: number;
}

/** The columns that make the tiles of a wall largest without scrolling; if they would be tiny, a wall to scroll. */
export function layOut(tiles: number, room: Room): Grid {
  const { width, height, gap, ratio, minWidth, scrolledWidth } = room;
  const byWidth = (columns: number): number => Math.floor((width - (columns - 1) * gap) / columns);
  const fitting = (least: number): number =>
    Math.max(1, Math.min(tiles, Math.floor((width + gap) / (least + gap))));
  const most = fitting(minWidth);
  let best: Grid = { columns: most, tileWidth: 0 };
  for (let columns = 1; columns <= most; columns++) {
    const rows = Math.ceil(tiles / columns);
    const byHeight = Math.floor(((height - (rows - 1) * gap) / rows) * ratio);
    const tileWidth = Math.min(byWidth(columns), byHeight);
    if (tileWidth > best.tileWidth) best = { columns, tileWidth };
  }
  if (best.tileWidth >= minWidth) return best;
  const columns = fitting(Math.max(minWidth, scrolledWidth));
  return { columns, tileWidth: Math.max(0, byWidth(columns)) };
}
