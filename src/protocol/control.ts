import { type CameraInfo, cameraId, cameraInfo, hubName, trackName } from "./camera.ts";
import { type CameraControl, cameraControl, isControlName } from "./camera-control.ts";
import { ProtocolError, type ProtocolErrorCode } from "./error.ts";
import { array, integer, number, optional, record, text } from "./fields.ts";
import {
  MAX_CAMERAS,
  MAX_CONTROLS,
  MAX_TEXT_CHARACTERS,
  MAX_TRACKS_PER_CAMERA,
  MAX_U16,
  MAX_WINDOW_FRAMES,
} from "./limits.ts";
import { isRole, type Role } from "./role.ts";
import type { Micros } from "./time.ts";

/** The version of the protocol that this code speaks. */
export const PROTOCOL_VERSION = 1;

/** WebSocket subprotocol name of the full protocol. */
export const SUBPROTOCOL = "hello.v1";

/** First message of each side. */
export interface Hello {
  readonly type: "hello";
  readonly version: number;
  /** Server to viewer: what the viewer may do. What it may not is refused, whatever it shows. */
  readonly role?: Role | undefined;
  /** Names the sender where it is a hub: a server, or a relay that hands on what it receives. */
  readonly hub?: string | undefined;
}

/** Receiver: send me the directory now (`cameras`) and every change of it (`camera`, `removed`). */
export interface List {
  readonly type: "list";
}

/** Receiver: send me this track. Absolute: a second one for the same track only sets the window. */
export interface Watch {
  readonly type: "watch";
  readonly camera: string;
  readonly track: string;
  /** Frames it is ready to hold in flight: 0 to 64. */
  readonly window: number;
}

/** Receiver: send me no more of this track. */
export interface Unwatch {
  readonly type: "unwatch";
  readonly camera: string;
  readonly track: string;
}

/**
 * Receiver: I cannot go on without a keyframe of this track. Hub to recorder: somebody cannot. The wishes of many
 * become one on the way.
 */
export interface Keyframe {
  readonly type: "keyframe";
  readonly camera: string;
  readonly track: string;
}

/** A question for the time and its answer: the answer repeats `sent` and adds `at`. */
export interface Time {
  readonly type: "time";
  /** The asker's clock when it asked, µs since the epoch; repeated unread in the answer. */
  readonly sent: number;
  /** The answerer's clock when it answered; absent in a question. */
  readonly at?: Micros | undefined;
}

/** Sender: all cameras that it knows. */
export interface Cameras {
  readonly type: "cameras";
  readonly cameras: readonly CameraInfo[];
}

/** Sender: a camera is new or has changed. Recorder: this is my camera; sent first and at every change. */
export interface Camera {
  readonly type: "camera";
  readonly camera: CameraInfo;
}

/** Sender or recorder: this camera is no longer known. */
export interface Removed {
  readonly type: "removed";
  readonly camera: string;
}

/** Sender: frames of this track carry this number from now on. */
export interface Watching {
  readonly type: "watching";
  readonly camera: string;
  readonly track: string;
  readonly number: number;
}

/** Mapper to recorder: the numbers of the camera's tracks; its frames carry them. */
export interface Published {
  readonly type: "published";
  readonly camera: string;
  readonly tracks: readonly { readonly track: string; readonly number: number }[];
}

/** Mapper to recorder: which tracks somebody takes now. Absolute. */
export interface Demand {
  readonly type: "demand";
  readonly camera: string;
  readonly tracks: readonly string[];
}

/** Mapper to recorder: this camera cannot be taken. */
export interface Refused {
  readonly type: "refused";
  readonly camera: string;
  readonly code: string;
  readonly reason: string;
}

/**
 * Set these controls of this camera and tell all of them. Server to mapper, mapper to recorder; never from a viewer, whose
 * way leads through a route with a gate of its own.
 */
export interface Adjust {
  readonly type: "adjust";
  readonly camera: string;
  /** Repeated in the answer. */
  readonly call: number;
  /** By name; empty to read. */
  readonly set: Readonly<Record<string, number>>;
}

/** The answer to {@link Adjust}. */
export interface Adjusted {
  readonly type: "adjusted";
  readonly camera: string;
  readonly call: number;
  /** All of the camera, as they are now. */
  readonly controls: readonly CameraControl[];
  /** Why it could not be done, in one sentence; absent if it was. */
  readonly reason?: string | undefined;
}

/** Last message before the sender closes. On a WebSocket the close frame says it instead. */
export interface Bye {
  readonly type: "bye";
  readonly code: ProtocolErrorCode | "HW_CLOSING";
  readonly reason: string;
}

/** Every control message, by its `type`. */
export type Control =
  | Hello
  | List
  | Watch
  | Unwatch
  | Keyframe
  | Time
  | Cameras
  | Camera
  | Removed
  | Watching
  | Published
  | Demand
  | Refused
  | Adjust
  | Adjusted
  | Bye;

type Fields = Readonly<Record<string, unknown>>;

const MAX_TIME = Number.MAX_SAFE_INTEGER;

// One reader per message type, and one place that says which types exist.
const READERS: { readonly [T in Control["type"]]: (fields: Fields) => Extract<Control, { type: T }> } = {
  hello: (f) => {
    const role = optional(f["role"], (v) => text(v, "hello.role", MAX_TEXT_CHARACTERS));
    const hub = optional(f["hub"], (v) => hubName(v, "hello.hub"));
    return {
      type: "hello",
      version: integer(f["version"], "hello.version", 1, MAX_U16),
      // A later version may know more roles: one that is not known here may watch, or it would not be here.
      ...(role === undefined ? {} : { role: isRole(role) ? role : "view" }),
      ...(hub === undefined ? {} : { hub }),
    };
  },
  list: () => ({ type: "list" }),
  watch: (f) => ({
    type: "watch",
    camera: cameraId(f["camera"], "watch.camera"),
    track: trackName(f["track"], "watch.track"),
    window: integer(f["window"], "watch.window", 0, MAX_WINDOW_FRAMES),
  }),
  unwatch: (f) => ({
    type: "unwatch",
    camera: cameraId(f["camera"], "unwatch.camera"),
    track: trackName(f["track"], "unwatch.track"),
  }),
  keyframe: (f) => ({
    type: "keyframe",
    camera: cameraId(f["camera"], "keyframe.camera"),
    track: trackName(f["track"], "keyframe.track"),
  }),
  time: (f) => ({
    type: "time",
    sent: number(f["sent"], "time.sent", -MAX_TIME, MAX_TIME),
    at: optional(f["at"], (v) => number(v, "time.at", 0, MAX_TIME) as Micros),
  }),
  cameras: (f) => ({
    type: "cameras",
    cameras: array(f["cameras"], "cameras.cameras", MAX_CAMERAS, cameraInfo),
  }),
  camera: (f) => ({ type: "camera", camera: cameraInfo(f["camera"], "camera.camera") }),
  removed: (f) => ({ type: "removed", camera: cameraId(f["camera"], "removed.camera") }),
  watching: (f) => ({
    type: "watching",
    camera: cameraId(f["camera"], "watching.camera"),
    track: trackName(f["track"], "watching.track"),
    number: integer(f["number"], "watching.number", 1, MAX_U16),
  }),
  published: (f) => ({
    type: "published",
    camera: cameraId(f["camera"], "published.camera"),
    tracks: array(f["tracks"], "published.tracks", MAX_TRACKS_PER_CAMERA, (value, path) => {
      const entry = record(value, path);
      return {
        track: trackName(entry["track"], `${path}.track`),
        number: integer(entry["number"], `${path}.number`, 1, MAX_U16),
      };
    }),
  }),
  demand: (f) => ({
    type: "demand",
    camera: cameraId(f["camera"], "demand.camera"),
    tracks: array(f["tracks"], "demand.tracks", MAX_TRACKS_PER_CAMERA, trackName),
  }),
  refused: (f) => ({
    type: "refused",
    camera: cameraId(f["camera"], "refused.camera"),
    code: text(f["code"], "refused.code", 64),
    reason: text(f["reason"], "refused.reason", MAX_TEXT_CHARACTERS),
  }),
  adjust: (f) => ({
    type: "adjust",
    camera: cameraId(f["camera"], "adjust.camera"),
    call: integer(f["call"], "adjust.call", 0, Number.MAX_SAFE_INTEGER),
    set: values(f["set"], "adjust.set"),
  }),
  adjusted: (f) => {
    const reason = optional(f["reason"], (v) => text(v, "adjusted.reason", MAX_TEXT_CHARACTERS));
    return {
      type: "adjusted",
      camera: cameraId(f["camera"], "adjusted.camera"),
      call: integer(f["call"], "adjusted.call", 0, Number.MAX_SAFE_INTEGER),
      controls: array(f["controls"], "adjusted.controls", MAX_CONTROLS, cameraControl),
      ...(reason === undefined ? {} : { reason }),
    };
  },
  bye: (f) => ({
    type: "bye",
    code: text(f["code"], "bye.code", 64) as Bye["code"],
    reason: text(f["reason"], "bye.reason", MAX_TEXT_CHARACTERS),
  }),
};

// Values of controls, by name.
function values(value: unknown, path: string): Readonly<Record<string, number>> {
  const entries = array(Object.entries(record(value, path)), path, MAX_CONTROLS, (entry) => {
    const [name, wanted] = entry as [string, unknown];
    if (!isControlName(name)) throw new ProtocolError("HW_MALFORMED", `${path} has a name that is none`);
    return [
      name,
      number(wanted, `${path}.${name}`, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    ] as const;
  });
  return Object.fromEntries(entries);
}

/** The message as it travels: JSON text. */
export function encode(message: Control): string {
  return JSON.stringify(message);
}

/**
 * Read what {@link encode} wrote. Fields that it does not know are ignored, so a later version may add some.
 * @throws ProtocolError `HW_MALFORMED` naming the field and what was expected
 */
export function decode(json: string): Control {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ProtocolError("HW_MALFORMED", "a control message must be JSON");
  }
  const fields = record(value, "a control message");
  const type = fields["type"];
  if (typeof type !== "string" || !Object.hasOwn(READERS, type)) {
    throw new ProtocolError(
      "HW_MALFORMED",
      `a control message has a type of ${Object.keys(READERS).join(", ")}`,
    );
  }
  return READERS[type as Control["type"]](fields);
}
