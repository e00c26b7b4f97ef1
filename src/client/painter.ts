import type { Picture } from "./picture.ts";
import { Proof } from "./proof.ts";
import type { Surface } from "./surface.ts";

/** So many players paint whenever they have a picture. */
const FEW = 4;

/** With more of them, each makes the time between two beats longer by this. */
const EACH_MS = 2.5;

/** The longest time between two beats: half of what lies between two pictures of a camera with ten a second. */
const SLOWEST_BEAT_MS = 50;

/** A picture that is to be painted, and what follows from that. */
export interface Sheet {
  /** The painter's to close. */
  readonly picture: Picture;
  readonly surfaces: ReadonlySet<Surface>;
  /** It is on the surfaces. */
  painted(): void;
  /** It could not be painted. */
  failed(error: unknown): void;
  /** A newer one came first. */
  overwritten(): void;
}

/**
 * Brings pictures to surfaces: those of a few players at once, those of many together, on a common beat. What is shown has to be
 * composed, and that costs a browser about the same whether one tile of a wall has changed or twenty. Each player has one place
 * to wait at, where a newer picture replaces an older one.
 */
export class Painter {
  readonly #players: () => number;
  readonly #waiting = new Map<object, Sheet>();
  #proof: Proof | undefined;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #beatAtMs = Number.NEGATIVE_INFINITY;
  #painting = false;

  /** `players`: how many there are. */
  constructor(players: () => number) {
    this.#players = players;
  }

  /** Paint `sheet` for `owner`, now or at the next beat. */
  put(owner: object, sheet: Sheet): void {
    const older = this.#waiting.get(owner);
    this.#waiting.set(owner, sheet);
    if (older !== undefined) {
      older.picture.close();
      older.overwritten();
    }
    const players = this.#players();
    if (players <= FEW) void this.#paintAll();
    else this.#beat ??= this.#wait(Math.min(SLOWEST_BEAT_MS, players * EACH_MS));
  }

  /** `owner` wants nothing painted of what waits; nothing is told of it. */
  drop(owner: object): void {
    this.#waiting.get(owner)?.picture.close();
    this.#waiting.delete(owner);
  }

  #wait(everyMs: number): ReturnType<typeof setTimeout> {
    const waitMs = this.#beatAtMs + everyMs - performance.now();
    return setTimeout(
      () => {
        this.#beat = undefined;
        this.#beatAtMs = performance.now();
        void this.#paintAll();
      },
      Math.max(0, waitMs),
    );
  }

  async #paintAll(): Promise<void> {
    if (this.#painting) return;
    this.#painting = true;
    for (const [owner, sheet] of this.#waiting) {
      try {
        if (!Proof.takes(sheet.picture)) {
          this.#paint(owner, sheet, sheet.picture);
          continue;
        }
        this.#proof ??= new Proof();
        const image = await this.#proof.of(sheet.picture);
        // Unless it was dropped meanwhile, or a newer one has come: that is the next.
        if (this.#waiting.get(owner) === sheet) this.#paint(owner, sheet, image);
      } catch (error) {
        if (this.#waiting.get(owner) === sheet) this.#end(owner, sheet, () => sheet.failed(error));
      }
    }
    this.#painting = false;
    // What came while another was made ready.
    if (this.#waiting.size > 0 && this.#beat === undefined) void this.#paintAll();
  }

  #paint(owner: object, sheet: Sheet, image: Picture | OffscreenCanvas): void {
    for (const surface of sheet.surfaces) surface.paint(image);
    this.#end(owner, sheet, () => sheet.painted());
  }

  // Told last: what follows may be the next picture.
  #end(owner: object, sheet: Sheet, tell: () => void): void {
    this.#waiting.delete(owner);
    sheet.picture.close();
    tell();
  }
}
