import { rungsFor } from "../../src/client/rungs.ts";
import type { Rung } from "../../src/flow/ladder.ts";
import type { TrackInfo } from "../../src/protocol/index.ts";
import { expectedBesideJpeg, expectedJpeg } from "../../src/recorder/expected-track.ts";
import type { TrackPlan } from "./simulated-hub.ts";

/** One track of a simulated camera, and what the ladder takes it for. */
export interface Step {
  readonly track: TrackPlan;
  readonly rung: Rung;
}

/** An encoder stays somewhat below what it may take. */
const TAKEN_PART = 0.85;

/** A keyframe is as large as so many frames. */
const KEYFRAME_FRAMES = 8;

const GOP_SECONDS = 10;

/** The tracks of a camera of 1280x720 at 30/s, best first: those that a recorder offers, as a page sees them. */
export const STEPS: readonly Step[] = steps({ rate: 30, size: { width: 1280, height: 720 } });

function steps(camera: { readonly rate: number; readonly size: { width: number; height: number } }): Step[] {
  const jpeg = expectedJpeg(camera);
  const tracks = [jpeg, ...expectedBesideJpeg(jpeg)];
  return rungsFor(tracks, { width: 0, height: 0 }, { bps: new Map(), frameBytes: new Map() }).map((rung) => {
    const info = tracks.find(({ name }) => name === rung.name)!;
    return { rung, track: rung.still ? still(info) : video(info) };
  });
}

function video({ name, rate = 30, bitrate = 0 }: TrackInfo): TrackPlan {
  const bytes = (TAKEN_PART * bitrate) / 8 / rate;
  return {
    name,
    rate,
    bytes,
    spread: 0.4,
    keyframeBytes: KEYFRAME_FRAMES * bytes,
    gopFrames: GOP_SECONDS * rate,
    encodeMs: 8,
  };
}

function still({ name, rate = 30, width = 0, height = 0 }: TrackInfo): TrackPlan {
  return { name, rate, bytes: Math.round(width * height * 0.11 + 800), spread: 0.05, encodeMs: 4 };
}
