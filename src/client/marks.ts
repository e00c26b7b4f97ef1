import { svg, type TemplateResult } from "lit";

/** What there is a mark for. */
export type Mark =
  | "waiting"
  | "trouble"
  | "inform"
  | "enlarge"
  | "turn"
  | "turnBack"
  | "mirror"
  | "zoomIn"
  | "zoomOut"
  | "whole"
  | "snapshot"
  | "float"
  | "adjust"
  | "more"
  | "close"
  | "reset";

/** What stands on buttons, drawn on a square of 24 by 24 with a line of the letters' colour. */
export const MARKS: { readonly [mark in Mark]: TemplateResult } = {
  waiting: svg`<path d="M12 3a9 9 0 1 0 9 9" />`,
  trouble: svg`<path d="M12 8v5m0 3.5v.01M10.3 4.2 2.6 17.5A2 2 0 0 0 4.3 20.5h15.4a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0Z" />`,
  inform: svg`<path d="M12 11v6m0-10v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z" />`,
  enlarge: svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5m11-5v5h-5" />`,
  turn: svg`<path d="M20 12a8 8 0 1 1-2.6-5.9M20 3.5V8h-4.5" />`,
  turnBack: svg`<path d="M4 12a8 8 0 1 0 2.6-5.9M4 3.5V8h4.5" />`,
  mirror: svg`<path d="M12 3v18M9 7 3 17h6V7Zm6 0 6 10h-6V7Z" />`,
  zoomIn: svg`<path d="M11 8v6m-3-3h6m6.5 9.5L16 16m2-5a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z" />`,
  zoomOut: svg`<path d="M8 11h6m6.5 9.5L16 16m2-5a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z" />`,
  whole: svg`<path d="M3 6.5A1.5 1.5 0 0 1 4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5v-11ZM8 9v6m8-6v6m-4-5v.01M12 14v.01" />`,
  snapshot: svg`<path d="M4 8.5A1.5 1.5 0 0 1 5.5 7H8l1.5-2.5h5L16 7h2.5A1.5 1.5 0 0 1 20 8.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5v-9ZM15.2 13a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0Z" />`,
  float: svg`<path d="M10.5 18h-6A1.5 1.5 0 0 1 3 16.5v-11A1.5 1.5 0 0 1 4.5 4h15A1.5 1.5 0 0 1 21 5.5V10m-8 4.5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-4Z" />`,
  adjust: svg`<path d="M3 7h9m4 0h5M3 17h4m4 0h10M16 7a2 2 0 1 1-4 0 2 2 0 0 1 4 0Zm-5 10a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z" />`,
  more: svg`<path d="M5.5 12v.01M12 12v.01M18.5 12v.01" stroke-width="3" />`,
  close: svg`<path d="m6 6 12 12M18 6 6 18" />`,
  reset: svg`<path d="M4 12a8 8 0 1 0 2.6-5.9M4 3.5V8h4.5" />`,
};
