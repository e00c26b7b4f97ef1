import { cameraInfo, trackName } from "../protocol/camera.ts";
import { array, integer, number, record, text } from "../protocol/fields.ts";
import { type CameraInfo, Control, Limits, type Micros, ProtocolError } from "../protocol/index.ts";

/** What a recorder says of its camera: once a second, and at every change. */
export interface Beat {
  readonly type: "camera";
  /** Names one run of a recorder; of two that have a camera at once, the one with the smaller name keeps it. */
  readonly run: string;
  /** What the frames of this run carry as their track's number. */
  readonly number: number;
  readonly camera: CameraInfo;
}

/** A recorder ends, or gives its camera up. */
export interface Farewell {
  readonly type: "removed";
  readonly run: string;
  /** It is not expected back: nobody need list it any longer. */
  readonly forget?: boolean | undefined;
}

/** Which tracks of a camera somebody takes: once a second, and at every change. Absolute. */
export interface Lease {
  readonly member: string;
  readonly tracks: readonly string[];
}

/** A question to a recorder. */
export type Ask =
  /** What it holds of this track: the answer is frames, then an empty message. */
  | { readonly type: "newest"; readonly track: string }
  /** Somebody cannot go on without a keyframe. No answer. */
  | { readonly type: "keyframe"; readonly track: string }
  /** The answer is `time`. */
  | Control.Time
  /** The answer is `adjusted`. */
  | Control.Adjust;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Characters of a run's or a member's name. */
const MAX_NAME = 64;

/** Any message as it travels: JSON. */
export function encode(message: Beat | Farewell | Lease | Ask | Control.Control): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

/** @throws ProtocolError */
export function decodeBeat(bytes: Uint8Array): Beat | Farewell {
  const fields = parse(bytes);
  const run = text(fields["run"], "run", MAX_NAME);
  if (fields["type"] === "removed") return { type: "removed", run, forget: fields["forget"] === true };
  return {
    type: "camera",
    run,
    number: integer(fields["number"], "number", 1, Limits.MAX_U16),
    camera: cameraInfo(fields["camera"], "camera"),
  };
}

/** @throws ProtocolError */
export function decodeLease(bytes: Uint8Array): Lease {
  const fields = parse(bytes);
  return {
    member: text(fields["member"], "member", MAX_NAME),
    tracks: array(fields["tracks"], "tracks", Limits.MAX_TRACKS_PER_CAMERA, trackName),
  };
}

/** @throws ProtocolError */
export function decodeAsk(bytes: Uint8Array): Ask {
  const fields = parse(bytes);
  const { type } = fields;
  if (type === "newest" || type === "keyframe") return { type, track: trackName(fields["track"], "track") };
  if (type === "time") return { type, sent: number(fields["sent"], "sent", 0, Number.MAX_SAFE_INTEGER) };
  if (type === "adjust") return Control.decode(decoder.decode(bytes)) as Control.Adjust;
  throw new ProtocolError("HW_MALFORMED", "a question has a type of newest, keyframe, time, adjust");
}

/** The recorder's clock when it answered. @throws ProtocolError */
export function decodeTime(bytes: Uint8Array): Micros {
  return number(parse(bytes)["at"], "at", 0, Number.MAX_SAFE_INTEGER) as Micros;
}

/** @throws ProtocolError */
export function decodeAdjusted(bytes: Uint8Array): Control.Adjusted {
  const message = bounded(bytes) && Control.decode(decoder.decode(bytes));
  if (message.type === "adjusted") return message;
  throw new ProtocolError("HW_UNEXPECTED", `the answer was "${message.type}"`);
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  bounded(bytes);
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    throw new ProtocolError("HW_MALFORMED", "a message must be JSON");
  }
  return record(value, "a message");
}

function bounded(bytes: Uint8Array): true {
  if (bytes.byteLength <= Limits.MAX_CONTROL_BYTES) return true;
  throw new ProtocolError("HW_TOO_LARGE", `a message of ${bytes.byteLength} bytes is too long`);
}
