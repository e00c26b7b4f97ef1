/**
 * Every bound of the wire, with its unit and its reason. This is the page for a security review: each is
 * checked before memory is spent on what the peer announces.
 */

/** Bytes of one frame with its envelope. A 4K JPEG of the finest quality is below 16 MiB. */
export const MAX_FRAME_BYTES: number = 16 * 1024 * 1024;

/** Bytes of one control message from a viewer. The longest legal one (`watch`) is below 300. */
export const MAX_VIEWER_MESSAGE_BYTES: number = 4096;

/** Bytes of one control message on the local socket, where a directory lists every camera. */
export const MAX_CONTROL_BYTES: number = 1024 * 1024;

/** Frames that one receiver may hold in flight per track: 64 at 30/s cover two seconds of round trip. */
export const MAX_WINDOW_FRAMES: number = 64;

/** Tracks that one receiver may watch on one connection: a wall of 256 tiles. */
export const MAX_WATCHES: number = 256;

/** Cameras that one mapper lists. */
export const MAX_CAMERAS: number = 1024;

/** Tracks of one camera: a ladder of sizes in several codecs. */
export const MAX_TRACKS_PER_CAMERA: number = 16;

/** Frames of one GOP kept for newcomers: 20 s at 30/s. A longer GOP is cut: newcomers wait for its keyframe. */
export const MAX_GOP_FRAMES: number = 600;

/** Bytes of one GOP kept for newcomers. */
export const MAX_GOP_BYTES: number = 32 * 1024 * 1024;

/** Characters of a camera's display name, of a source as shown, and of a reason. */
export const MAX_TEXT_CHARACTERS: number = 512;

/** Simple protocol: requests that may wait for an answer at once. One is the use; more is a flood. */
export const MAX_PENDING_REQUESTS: number = 64;

/** Messages that a receiver may send at once, above its steady rate. */
export const MESSAGE_BURST: number = 512;

/** Messages a second that a receiver may send for long: acknowledgements of eight tracks at 60/s. */
export const MESSAGES_PER_SECOND: number = 512;

/** Milliseconds after which a receiver that reads nothing (no answer to a ping) is closed. */
export const RECEIVER_TIMEOUT_MS: number = 60_000;

/** Milliseconds that a program on the local socket has for its first message. */
export const HELLO_TIMEOUT_MS: number = 5_000;

/** Largest value of an unsigned 16-bit field: track numbers. */
export const MAX_U16: number = 0xffff;

/** Largest value of an unsigned 32-bit field: sequences, lengths. */
export const MAX_U32: number = 0xffff_ffff;
