import type { CameraInfo } from "../protocol/index.ts";
import type { Box } from "./board.ts";
import type { Link } from "./link.ts";
import type { Presented } from "./pipeline.ts";
import type { Stats } from "./stats.ts";
import type { Canvas, Segment } from "./surface.ts";
import type { Wish } from "./way.ts";

/** Where on the board of a page its views have their places, in pixels of the screen. */
export interface Arrangement {
  readonly width: number;
  readonly height: number;
  /** Colour between the places. */
  readonly ground: string;
  /** Views that are not here paint on their own canvases. */
  readonly places: readonly ({ readonly view: number } & Box)[];
}

/**
 * What a page says to its stage. The stage lives in a worker where the browser can, so these travel as structured
 * clones; on the main thread the same messages are handed over as they are.
 */
export type Command =
  /** First: connect to this address and stay connected, through the hub that the tabs share if there is one. */
  | { readonly type: "open"; readonly url: string; readonly hub?: MessagePort | undefined }
  /** There is no such hub. */
  | { readonly type: "alone" }
  /** A new view, numbered by the page, paused. */
  | {
      readonly type: "show";
      readonly view: number;
      readonly camera: string;
      readonly wish: Wish;
      readonly canvas: Canvas;
      /** Whether it has a `<video>` too, which plays fragments. */
      readonly plays: boolean;
    }
  /** A canvas on which many views may paint together. */
  | { readonly type: "board"; readonly canvas: Canvas }
  /** Who paints where on it, from now on. */
  | ({ readonly type: "arrange" } & Arrangement)
  /** The view shows another camera from now on. */
  | { readonly type: "turn"; readonly view: number; readonly camera: string }
  /** The view is to be shown another way. */
  | { readonly type: "wish"; readonly view: number; readonly wish: Wish }
  /** The view's `<video>` shows a frame. */
  | { readonly type: "presented"; readonly view: number; readonly shown: Presented }
  /** The browser does not let the view's `<video>` play, or does again. */
  | { readonly type: "held"; readonly view: number; readonly isHeld: boolean }
  /** The view's `<video>` cannot go on. */
  | { readonly type: "trouble"; readonly view: number; readonly reason: string }
  /** The view is this large, in pixels of the screen; 0 where that follows the pictures. */
  | { readonly type: "size"; readonly view: number; readonly width: number; readonly height: number }
  /** Somebody can see the view, or nobody can any more. */
  | { readonly type: "play"; readonly view: number; readonly playing: boolean }
  /** The view ends. */
  | { readonly type: "hide"; readonly view: number }
  /** Somebody looks at the page, or nobody does any more. */
  | { readonly type: "attend"; readonly visible: boolean }
  /** The network is back: try now. */
  | { readonly type: "retry" }
  /** Last: disconnect. */
  | { readonly type: "close" };

/** What a stage says to its page. */
export type Report =
  /** First, from a worker: it runs, and can paint. */
  | { readonly type: "ready" }
  /** From a worker instead of `ready`: it cannot paint here. */
  | { readonly type: "unable" }
  /** How the connection stands. */
  | { readonly type: "link"; readonly link: Link }
  /** The directory changed. */
  | { readonly type: "cameras"; readonly cameras: readonly CameraInfo[] }
  /** For the view's `<video>`. */
  | { readonly type: "segment"; readonly view: number; readonly segment: Segment }
  /** The view's canvas shows the pictures from now on, not its `<video>`. */
  | { readonly type: "dark"; readonly view: number }
  /** How the views do. */
  | { readonly type: "stats"; readonly views: readonly { readonly view: number; readonly stats: Stats }[] };
