import type { Rung } from "../flow/ladder.ts";
import type { TrackInfo } from "../protocol/index.ts";

/** Pixels that a view has on the screen; 0 where nobody knows. */
export interface TileSize {
  readonly width: number;
  readonly height: number;
}

/** What is known of tracks beyond what the camera says: bits per second, and bytes of a frame, by name. */
export interface Learned {
  readonly bps: ReadonlyMap<string, number>;
  readonly frameBytes: ReadonlyMap<string, number>;
}

/** A track that is so much smaller than the view looks as good: the eye does not see a tenth. */
const ENOUGH_PART = 0.9;

/** What a camera of unknown size and rate is taken for. */
const GUESS_WIDTH = 1280;
const GUESS_HEIGHT = 720;
const GUESS_RATE = 30;

/** Bits that a pixel of a video takes where nothing bounds it and nothing was seen of it, and room for its keyframes. */
const VIDEO_BITS_PER_PIXEL = 0.1;
const ROOM = 1.3;

/** Bytes of a JPEG that nothing was seen of: its tables, and its pixels. */
const STILL_BYTES = 800;
const STILL_BYTES_PER_PIXEL = 0.12;

/** Stills look alive at so many a second. */
const LIVELY_RATE = 6;

/**
 * The tracks to choose from for a view of `size`, best first: videos before stills, large before small. Of each kind the
 * smallest that fills the view is the largest that makes sense.
 */
export function rungsFor(tracks: readonly TrackInfo[], size: TileSize, learned: Learned): readonly Rung[] {
  const videos = ordered(tracks.filter(({ codec }) => codec !== "jpeg"));
  const stills = ordered(tracks.filter(({ codec }) => codec === "jpeg"));
  return [...visible(videos, size), ...visible(stills, size)].map((track) => rung(track, learned));
}

function ordered(tracks: readonly TrackInfo[]): readonly TrackInfo[] {
  // Of two of one size the camera names the better one first.
  const bySize = new Map<number, TrackInfo>();
  for (const track of tracks) if (!bySize.has(pixels(track))) bySize.set(pixels(track), track);
  return [...bySize.values()].sort((a, b) => pixels(b) - pixels(a));
}

function visible(tracks: readonly TrackInfo[], size: TileSize): readonly TrackInfo[] {
  if (size.width === 0 || size.height === 0) return tracks;
  const first = tracks.findLastIndex(
    ({ width = GUESS_WIDTH, height = GUESS_HEIGHT }) =>
      width >= ENOUGH_PART * size.width || height >= ENOUGH_PART * size.height,
  );
  return tracks.slice(Math.max(0, first));
}

function rung(track: TrackInfo, learned: Learned): Rung {
  const { name, rate = GUESS_RATE, bitrate } = track;
  const load = pixels(track) * rate;
  if (track.codec === "jpeg") {
    const bytes = learned.frameBytes.get(name) ?? STILL_BYTES + STILL_BYTES_PER_PIXEL * pixels(track);
    return { name, still: true, load, needBps: 8 * bytes * Math.min(rate, LIVELY_RATE) };
  }
  const needBps = bitrate ?? ROOM * (learned.bps.get(name) ?? VIDEO_BITS_PER_PIXEL * load);
  return { name, still: false, load, needBps };
}

function pixels({ width = GUESS_WIDTH, height = GUESS_HEIGHT }: TrackInfo): number {
  return width * height;
}
