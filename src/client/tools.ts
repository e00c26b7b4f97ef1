import { canFloat } from "./floating-window.ts";
import type { Framing } from "./framing.ts";
import { MARKS } from "./marks.ts";
import type { Tool } from "./toolbar.ts";

/** What the tools of a camera work on. */
export interface ToolBench {
  readonly framing: Framing;
  /** A snapshot is under way. */
  readonly saving: boolean;
  /** It is in a window of its own, too. */
  readonly floats: boolean;
  readonly figures: boolean;
  readonly adjusting: boolean;
  /** This viewer may not adjust the camera. */
  readonly forbidden: boolean;
  save(): void;
  float(): void;
  showControls(): void;
  showFigures(): void;
  fillScreen(): void;
}

/** What can be done with a camera's picture in this browser, by this viewer, in the order in which it is offered. */
export function toolsOf(bench: ToolBench): readonly Tool[] {
  const { framing } = bench;
  const { zoom, quarters, mirrored } = framing.pose;
  const tools: (Tool | undefined)[] = [
    {
      name: "Turn right",
      keyName: "R",
      keys: ["r"],
      mark: MARKS.turn,
      button: "large",
      press: () => framing.turn(1),
    },
    {
      name: "Turn left",
      keyName: "Shift R",
      keys: ["shift+r"],
      mark: MARKS.turnBack,
      button: "never",
      press: () => framing.turn(-1),
    },
    {
      name: "Mirror",
      keyName: "M",
      keys: ["m"],
      mark: MARKS.mirror,
      button: "large",
      on: mirrored,
      press: () => framing.mirror(),
    },
    {
      name: "Zoom in",
      keyName: "+",
      keys: ["+", "="],
      mark: MARKS.zoomIn,
      button: "never",
      press: () => framing.zoom(1),
    },
    {
      name: "Zoom out",
      keyName: "-",
      keys: ["-", "_"],
      mark: MARKS.zoomOut,
      button: "never",
      enabled: zoom > 1,
      press: () => framing.zoom(-1),
    },
    {
      name: quarters === 0 && !mirrored ? "Whole picture" : "As the camera gives it",
      keyName: "0",
      keys: ["0"],
      mark: MARKS.whole,
      button: "never",
      enabled: zoom > 1 || quarters !== 0 || mirrored,
      press: () => (zoom > 1 ? framing.whole() : framing.upright()),
    },
    {
      name: bench.saving ? "Saving a picture" : "Save a picture",
      keyName: "S",
      keys: ["s"],
      mark: MARKS.snapshot,
      button: "large",
      enabled: !bench.saving,
      press: () => bench.save(),
    },
    canFloat()
      ? {
          name: "Window of its own",
          keyName: "P",
          keys: ["p"],
          mark: MARKS.float,
          button: "large",
          on: bench.floats,
          press: () => bench.float(),
        }
      : undefined,
    bench.forbidden
      ? undefined
      : {
          name: "Camera controls",
          keyName: "C",
          keys: ["c"],
          mark: MARKS.adjust,
          button: "large",
          on: bench.adjusting,
          press: () => bench.showControls(),
        },
    {
      name: "Figures",
      keyName: "I",
      keys: ["i"],
      mark: MARKS.inform,
      button: "small",
      on: bench.figures,
      press: () => bench.showFigures(),
    },
    document.fullscreenEnabled
      ? {
          name: "Full screen",
          keyName: "F",
          keys: ["f"],
          mark: MARKS.enlarge,
          button: "small",
          press: () => bench.fillScreen(),
        }
      : undefined,
  ];
  return tools.filter((tool) => tool !== undefined);
}
