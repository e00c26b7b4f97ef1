import type { LadderReason } from "../flow/ladder.ts";
import type { CameraInfo, Micros } from "../protocol/index.ts";
import type { Link } from "./link.ts";
import type { Way } from "./way.ts";

/**
 * What a view shows. `connecting`: the server has not answered yet. `opening`: the camera is being opened. `live`:
 * pictures come. `stale`: none has come for a while. `gone`: the camera failed or is not known. `lost`: the
 * connection to the server is. `paused`: nobody can see it, so nothing is asked for.
 */
export type ViewState = "connecting" | "opening" | "live" | "stale" | "stalled" | "gone" | "lost" | "paused";

/**
 * How a view does, as of its last report: four times a second (a small one once), and at each change of state. Counts start anew when a
 * paused view is resumed.
 */
export interface Stats {
  readonly state: ViewState;
  /** With `gone` and `lost`: why, in one sentence. */
  readonly reason?: string | undefined;
  /** How long it has been so, in ms; `stale`: how old the picture on the screen has become. */
  readonly forMs?: number | undefined;
  /** The camera's display name, once known. */
  readonly name?: string | undefined;
  /** How it is shown: the track, its codec, the decoder. */
  readonly way?: Way | undefined;
  /** All ways that this browser could show it, best first. */
  readonly ways: readonly Way[];
  /** Why a better way is not taken: what its decoder said at last. */
  readonly fallback?: string | undefined;
  /** Why this track, where it is chosen: see {@link LadderReason}; absent where somebody asked for it. */
  readonly chosenFor?: LadderReason | undefined;
  /** How often another track was chosen. */
  readonly switches: number;
  /** Pictures painted. */
  readonly framesPainted: number;
  /** Frames that the server skipped, because this viewer was not ready for them. */
  readonly framesSkipped: number;
  /** Frames that came and were replaced by newer ones before they were painted. */
  readonly framesOverwritten: number;
  /** Frames that could not be decoded. */
  readonly framesFailed: number;
  /** Age of the last picture at the instant it was painted, clock offset removed. */
  readonly ageMs?: number | undefined;
  /** Median of it over the last seconds. */
  readonly ageP50Ms?: number | undefined;
  /** How old the picture on the screen is now, whatever has happened since; absent before the first. */
  readonly pictureAgeMs?: number | undefined;
  /** The age is wrong by this at most. */
  readonly ageErrorMs?: number | undefined;
  /** Age of the frames when they come from each server that a relay takes them from, the first one first. */
  readonly hopAgesMs?: readonly (number | undefined)[] | undefined;
  /** Pictures per second over the last seconds. */
  readonly fps: number;
  /** Bytes of frames per second over the last seconds. */
  readonly bytesPerSecond: number;
  /** Frames that the viewer lets the server keep on the way. */
  readonly windowFrames: number;
  /** Sequence of the picture on the screen. */
  readonly sequence?: number | undefined;
  /** Pixels; 0 before the first picture. */
  readonly width: number;
  /** Pixels; 0 before the first picture. */
  readonly height: number;
  /** Shortest round trip to the server of late. */
  readonly roundTripMs?: number | undefined;
}

/** What a view says before it knows anything. */
export const NO_STATS: Stats = {
  state: "connecting",
  ways: [],
  switches: 0,
  framesPainted: 0,
  framesSkipped: 0,
  framesOverwritten: 0,
  framesFailed: 0,
  fps: 0,
  bytesPerSecond: 0,
  windowFrames: 0,
  width: 0,
  height: 0,
};

/** Time without a new picture after which the one on the screen is called stale. */
const STALE_MS = 1_000;

/** A slow camera is stale when this many of its frames in a row are missing. */
const STALE_FRAMES = 3;

/** What the state of a view follows from. */
export interface Facts {
  /** Whether anybody can see it. */
  readonly playing: boolean;
  readonly link: Link;
  /** Whether the directory is known. */
  readonly listed: boolean;
  readonly cameraId: string;
  readonly camera: CameraInfo | undefined;
  /** The track that is shown, once it is chosen. */
  readonly track: string | undefined;
  /** Time since the last picture of this run; `undefined` if there is none. */
  readonly silentMs: number | undefined;
  /** The time on the server's clock. */
  readonly now: Micros;
}

/** The state of a view, how long it has been so, and why. */
export function viewState(facts: Facts): Pick<Stats, "state" | "reason" | "forMs"> {
  const { camera, link, silentMs } = facts;
  if (!facts.playing) return { state: "paused" };
  if (link.state === "lost") {
    return { state: "lost", reason: link.reason, forMs: Math.max(0, Date.now() - link.sinceMs) };
  }
  if (link.state !== "open" || !facts.listed) return { state: "connecting" };
  if (camera === undefined)
    return { state: "gone", reason: `The server knows no camera “${facts.cameraId}”` };
  if (camera.state === "stalled" || camera.state === "gone") {
    const forMs = Math.max(0, (facts.now - camera.since) / 1000);
    return { state: camera.state, reason: camera.reason ?? "The camera does not answer", forMs };
  }
  if (silentMs === undefined) return { state: "opening" };
  const rate = camera.tracks.find(({ name }) => name === facts.track)?.rate;
  const staleMs =
    rate === undefined || rate === 0 ? STALE_MS : Math.max(STALE_MS, (STALE_FRAMES * 1000) / rate);
  return silentMs < staleMs ? { state: "live" } : { state: "stale", forMs: silentMs };
}
