import { layOut } from "./grid.ts";

const TILE_RATIO = 16 / 9;

/** The least width of a tile, in CSS pixels; while they are few, one that fills a phone. */
const TILE_MIN_WIDTH = 150;
const FEW_MIN_WIDTH = 260;
const FEW = 6;

/** The width of a tile of a wall that must be scrolled; two stand side by side on a phone all the same. */
const SCROLLED_WIDTH = 240;

/** So many tiles stand close together. */
const MANY = 17;

/** Whether so many tiles stand close together, and are square. */
export function isMany(tiles: number): boolean {
  return tiles >= MANY;
}

/**
 * Lay so many tiles out in the wall, by the room that is there: style sheets cannot weigh that against the number of tiles.
 * Returns the columns.
 */
export function fit(wall: HTMLElement, room: HTMLElement, tiles: number): number {
  wall.classList.toggle("many", isMany(tiles));
  const style = getComputedStyle(room);
  const width = room.clientWidth - pixels(style.paddingLeft) - pixels(style.paddingRight);
  const { columns, tileWidth } = layOut(tiles, {
    width,
    height: room.clientHeight - pixels(style.paddingTop) - pixels(style.paddingBottom),
    gap: pixels(getComputedStyle(wall).columnGap),
    ratio: TILE_RATIO,
    minWidth: tiles <= FEW ? FEW_MIN_WIDTH : TILE_MIN_WIDTH,
    scrolledWidth: Math.min(SCROLLED_WIDTH, width / 2.2),
  });
  wall.style.setProperty("--columns", String(columns));
  wall.style.setProperty("--tile", `${tileWidth}px`);
  return columns;
}

function pixels(value: string): number {
  return Number.parseFloat(value) || 0;
}
