/**
 * The subjects of NATS that programs meet on. Camera ids and track names need no escaping there. The id stands second, so that
 * a recorder's permissions can name its camera, and a server's can name all.
 */

/** What everybody publishes below. */
const ROOT = "hello";

/** What a camera says of itself; `*` for all. */
export function cameraSubject(id: string): string {
  return `${ROOT}.${id}.camera`;
}

/** Who takes which of its tracks. */
export function demandSubject(id: string): string {
  return `${ROOT}.${id}.demand`;
}

/** Questions to its recorder. */
export function askSubject(id: string): string {
  return `${ROOT}.${id}.ask`;
}

/** Whether somebody has the camera id already. */
export function claimSubject(id: string): string {
  return `${ROOT}.${id}.claim`;
}

/** The frames of a track. */
export function framesSubject(id: string, track: string): string {
  return `${ROOT}.${id}.frames.${track}`;
}

/** Somebody came who knows no camera yet. */
export const ROLL_SUBJECT: string = `${ROOT}.roll`;

/** What answers to a program go to. One prefix for each role: who may read the one cannot read the other. */
export function inboxPrefix(role: "recorder" | "server"): string {
  return `_INBOX_${role}`;
}

/** The camera id in a subject, or `undefined`. */
export function cameraOf(subject: string): string | undefined {
  return subject.split(".")[1];
}
