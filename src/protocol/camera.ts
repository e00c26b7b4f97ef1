import { ProtocolError } from "./error.ts";
import { array, integer, number, optional, record, text } from "./fields.ts";
import { MAX_HOPS, MAX_TEXT_CHARACTERS, MAX_TRACKS_PER_CAMERA, MAX_U32 } from "./limits.ts";
import { type Micros, now } from "./time.ts";

/** What a camera's id looks like: it stands in URLs, file names and subjects. */
export const CAMERA_ID: RegExp = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What a track's name looks like: `jpeg`, `h264`, `h264-360p`. */
export const TRACK_NAME: RegExp = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** What a hub's name looks like: random letters, for nobody but other hubs. */
const HUB_NAME = /^[a-z0-9]{1,64}$/;

/**
 * What a camera does now. `closed`: nobody watches, the device is released. `opening`: being opened.
 * `live`: frames come. `stalled`: it is there but gives no picture, or always the same; it is opened again. `gone`: it cannot be
 * opened. Both have a reason, and are tried again for ever.
 */
export type CameraState = "closed" | "opening" | "live" | "stalled" | "gone";

/** One encoding of a camera. */
export interface TrackInfo {
  /** Unique within the camera. */
  readonly name: string;
  /** `jpeg`, or a codec string as WebCodecs takes it (`avc1.42E01F`). */
  readonly codec: string;
  /** Pixels; absent until the camera was opened once. */
  readonly width?: number | undefined;
  /** Pixels; absent until the camera was opened once. */
  readonly height?: number | undefined;
  /** Frames per second that the source promises; absent where it promises none. */
  readonly rate?: number | undefined;
  /** Bits per second that the encoder keeps below, over a second or so; absent where nothing bounds them. */
  readonly bitrate?: number | undefined;
}

/** What to add to a camera's capture times to have them on the clock of the hub that says so, in µs. */
export interface ClockInfo {
  readonly offset: number;
  /** The offset is wrong by this at most. */
  readonly error: number;
}

/** A server that a camera's frames have come through on their way to this hub. */
export interface HopInfo {
  /** Its name among hubs. */
  readonly hub: string;
  /** How old the frames are when they come from there, in ms; absent while nobody watches. */
  readonly ageMs?: number | undefined;
}

/** What a camera says of itself. */
export interface CameraInfo {
  /** Matches {@link CAMERA_ID}. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Where its frames come from, as the user wrote it, without any password. */
  readonly source: string;
  readonly state: CameraState;
  /** Since when it is in this state. */
  readonly since: Micros;
  /** Why, in one sentence; with `stalled` and `gone` only. */
  readonly reason?: string | undefined;
  /** When its last good frame was captured; absent before the first, and while it is `live`: the frames say it then. */
  readonly lastFrameAt?: Micros | undefined;
  /** How often it was tried in vain since it was well; with `stalled` and `gone` only. */
  readonly attempts?: number | undefined;
  /** With `live`, where it takes its time: frames captured before were taken while its exposure settled. */
  readonly settledAt?: Micros | undefined;
  /** Absent where the camera is on the machine of the hub. */
  readonly clock?: ClockInfo | undefined;
  /** Where its frames came through, the first server first; absent where they come from a recorder. */
  readonly hops?: readonly HopInfo[] | undefined;
  readonly tracks: readonly TrackInfo[];
}

/** Characters of the name of a state. */
const MAX_STATE_CHARACTERS = 32;

const STATES: ReadonlySet<string> = new Set(["closed", "opening", "live", "stalled", "gone"]);

/** Whether a camera in this state has failed: it gives no picture until it is well again. */
export function hasFailed({ state }: Pick<CameraInfo, "state">): boolean {
  return state === "stalled" || state === "gone";
}

/** How old a frame of this camera is on the clock of the hub that told of the camera, in µs. */
export function ageMicros(capturedAt: Micros, { clock }: Pick<CameraInfo, "clock">): number {
  return now() - capturedAt - (clock?.offset ?? 0);
}

/** Whether `id` may name a camera. */
export function isCameraId(id: string): boolean {
  return CAMERA_ID.test(id);
}

/** Read a camera id from a message. @throws ProtocolError `HW_MALFORMED` */
export function cameraId(value: unknown, path: string): string {
  return named(value, path, CAMERA_ID);
}

/** Read a track name from a message. @throws ProtocolError `HW_MALFORMED` */
export function trackName(value: unknown, path: string): string {
  return named(value, path, TRACK_NAME);
}

/** Read a {@link CameraInfo} from a message. Fields that it does not know are left out. @throws ProtocolError `HW_MALFORMED` */
export function cameraInfo(value: unknown, path: string): CameraInfo {
  const fields = record(value, path);
  const reason = optional(fields["reason"], (v) => text(v, `${path}.reason`, MAX_TEXT_CHARACTERS));
  const time = (key: string): Micros | undefined =>
    optional(fields[key], (v) => number(v, `${path}.${key}`, 0, Number.MAX_SAFE_INTEGER) as Micros);
  const lastFrameAt = time("lastFrameAt");
  const settledAt = time("settledAt");
  const attempts = optional(fields["attempts"], (v) => integer(v, `${path}.attempts`, 0, MAX_U32));
  const clock = optional(fields["clock"], (v) => clockInfo(v, `${path}.clock`));
  const hops = optional(fields["hops"], (v) => array(v, `${path}.hops`, MAX_HOPS, hopInfo));
  return {
    id: cameraId(fields["id"], `${path}.id`),
    name: text(fields["name"], `${path}.name`, MAX_TEXT_CHARACTERS),
    source: text(fields["source"], `${path}.source`, MAX_TEXT_CHARACTERS),
    state: state(fields["state"], `${path}.state`),
    since: number(fields["since"], `${path}.since`, 0, Number.MAX_SAFE_INTEGER) as Micros,
    ...(reason === undefined ? {} : { reason }),
    ...(lastFrameAt === undefined ? {} : { lastFrameAt }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(settledAt === undefined ? {} : { settledAt }),
    ...(clock === undefined ? {} : { clock }),
    ...(hops === undefined ? {} : { hops }),
    tracks: array(fields["tracks"], `${path}.tracks`, MAX_TRACKS_PER_CAMERA, trackInfo),
  };
}

// A later version may know more of failing than this one: a state that is not known here is a kind of `gone`.
function state(value: unknown, path: string): CameraState {
  const name = text(value, path, MAX_STATE_CHARACTERS);
  return STATES.has(name) ? (name as CameraState) : "gone";
}

function clockInfo(value: unknown, path: string): ClockInfo {
  const fields = record(value, path);
  const { MAX_SAFE_INTEGER } = Number;
  return {
    offset: integer(fields["offset"], `${path}.offset`, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER),
    error: integer(fields["error"], `${path}.error`, 0, MAX_SAFE_INTEGER),
  };
}

function hopInfo(value: unknown, path: string): HopInfo {
  const fields = record(value, path);
  const ageMs = optional(fields["ageMs"], (v) =>
    number(v, `${path}.ageMs`, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  );
  return { hub: hubName(fields["hub"], `${path}.hub`), ...(ageMs === undefined ? {} : { ageMs }) };
}

/** Read the name of a hub from a message. @throws ProtocolError `HW_MALFORMED` */
export function hubName(value: unknown, path: string): string {
  return named(value, path, HUB_NAME);
}

function trackInfo(value: unknown, path: string): TrackInfo {
  const fields = record(value, path);
  const size = (v: unknown, key: string): number | undefined =>
    optional(v, (n) => number(n, `${path}.${key}`, 1, 65_536));
  return {
    name: trackName(fields["name"], `${path}.name`),
    codec: text(fields["codec"], `${path}.codec`, 64),
    width: size(fields["width"], "width"),
    height: size(fields["height"], "height"),
    rate: optional(fields["rate"], (v) => number(v, `${path}.rate`, 0, 1000)),
    bitrate: optional(fields["bitrate"], (v) => number(v, `${path}.bitrate`, 1, MAX_U32)),
  };
}

function named(value: unknown, path: string, pattern: RegExp): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new ProtocolError("HW_MALFORMED", `${path} must match ${pattern.source}`);
}
