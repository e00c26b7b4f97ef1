import type { TrackInfo } from "../protocol/index.ts";

/** Puts the facts of several tracks into one array, which stays the same one as long as they do. */
export class TrackList {
  #tracks: readonly TrackInfo[] = [];

  /** `infos` as an array; another one when any of them is another object. */
  of(infos: readonly TrackInfo[]): readonly TrackInfo[] {
    const same = infos.length === this.#tracks.length && infos.every((info, i) => info === this.#tracks[i]);
    if (!same) this.#tracks = infos;
    return this.#tracks;
  }
}
