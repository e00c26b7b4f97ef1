/** A rectangle on the page, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where something may stand beside something else. `above` and `below` end at its right edge; `right` and `left` begin at its top. */
export type Side = "above" | "below" | "right" | "left";

/** Between the two, and to the edge of the window. */
const GAP = 8;

/** Where to put something of `size` beside `anchor`: at the first of `sides` with room for it, else as near as the window allows. */
export function beside(
  anchor: Box,
  size: { readonly width: number; readonly height: number },
  room: { readonly width: number; readonly height: number },
  sides: readonly Side[],
): { readonly left: number; readonly top: number } {
  const places = sides.map((side) => at(side, anchor, size));
  const fitting = places.find(({ left, top, axis }) =>
    axis === "y"
      ? top >= GAP && top + size.height <= room.height - GAP
      : left >= GAP && left + size.width <= room.width - GAP,
  );
  const { left, top } = fitting ?? places[0] ?? anchor;
  return {
    left: Math.max(GAP, Math.min(left, room.width - size.width - GAP)),
    top: Math.max(GAP, Math.min(top, room.height - size.height - GAP)),
  };
}

function at(
  side: Side,
  anchor: Box,
  size: { readonly width: number; readonly height: number },
): { readonly left: number; readonly top: number; readonly axis: "x" | "y" } {
  switch (side) {
    case "above":
      return {
        left: anchor.left + anchor.width - size.width,
        top: anchor.top - size.height - GAP,
        axis: "y",
      };
    case "below":
      return {
        left: anchor.left + anchor.width - size.width,
        top: anchor.top + anchor.height + GAP,
        axis: "y",
      };
    case "right":
      return { left: anchor.left + anchor.width + GAP, top: anchor.top, axis: "x" };
    case "left":
      return { left: anchor.left - size.width - GAP, top: anchor.top, axis: "x" };
  }
}
