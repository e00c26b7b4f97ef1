import type { FrameWindow } from "../flow/window.ts";

/** Frames between the hub of the tabs and one of them: the next one leaves when this one is painted. */
const FRAMES = 1;

/**
 * The window of a track whose frames each stand alone, where they come from the hub that all tabs share. The link is the hub's
 * to measure; the way from there to here is short, and the newest frame is taken whenever there is time for one.
 */
export class TabWindow implements FrameWindow {
  readonly frames: number = FRAMES;
  readonly catchingUp = false;
  readonly waiting = false;
  readonly breathing = false;

  arrived(): void {}

  painted(): void {}

  done(): void {}

  ask(): number {
    return FRAMES;
  }

  waitMs(): number {
    return 0;
  }
}
