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

/** Tracks that one receiver may watch on one WebSocket: a wall of 256 tiles. */
export const MAX_WATCHES: number = 256;

/** Cameras that one mapper lists. */
export const MAX_CAMERAS: number = 1024;

/** Tracks of one camera: a ladder of sizes in several codecs. */
export const MAX_TRACKS_PER_CAMERA: number = 16;

/** Tracks that a program may watch on the local socket: it asks on behalf of all its viewers, who may want them all. */
export const MAX_PROGRAM_WATCHES: number = MAX_CAMERAS * MAX_TRACKS_PER_CAMERA;

/** Frames of one GOP kept for newcomers: 20 s at 30/s. A longer GOP is cut: for a newcomer a keyframe is asked for. */
export const MAX_GOP_FRAMES: number = 600;

/** Bytes of one GOP kept for newcomers. */
export const MAX_GOP_BYTES: number = 32 * 1024 * 1024;

/**
 * Milliseconds between two wishes for a keyframe of one track, whoever wishes: a keyframe costs many deltas, so
 * two a second is the most that an encoder is asked for.
 */
export const KEYFRAME_INTERVAL_MS: number = 500;

/** Characters of a camera's display name, of a source as shown, and of a reason. */
export const MAX_TEXT_CHARACTERS: number = 512;

/** Simple protocol: requests that may wait for an answer at once. One is the use; more is a flood. */
export const MAX_PENDING_REQUESTS: number = 64;

/**
 * Messages that a viewer may send at once: a wall that watches {@link MAX_WATCHES} tracks, twice. Every WebSocket frame counts as one,
 * also a ping, a pong and each fragment: all are work.
 */
export const MESSAGE_BURST: number = 512;

/** Messages a second that a viewer may send for long, whatever it is sent. */
export const MESSAGES_PER_SECOND: number = 64;

/** Messages that a viewer may send for each frame that it is sent: an acknowledgement, and one to spare. */
export const MESSAGES_PER_FRAME: number = 2;

/**
 * Milliseconds for which a hub goes on to take a track from another hub when the last of its own receivers has left it. However many
 * come and go there, the other is told of it once a second.
 */
export const LINGER_MS: number = 1000;

/**
 * Messages a second, and at once, that a hub may send to another one for each track that it may watch there: in {@link LINGER_MS} a watch
 * and an unwatch, and a wish for a keyframe every {@link KEYFRAME_INTERVAL_MS}. Nothing that its receivers do makes it send more, so none
 * of them can cost it the connection.
 */
export const HUB_MESSAGES_PER_WATCH: number = 4;

/** Bytes read of a viewer that was closed: what was on its way, and its own close message. */
export const MAX_LATE_BYTES: number = 16 * 1024;

/** Milliseconds after which a receiver is closed that says nothing though it is pinged, or reads nothing of what is sent over HTTP. */
export const RECEIVER_TIMEOUT_MS: number = 60_000;

/** Milliseconds that a program on the local socket has for its first message. */
export const HELLO_TIMEOUT_MS: number = 5_000;

/** Largest value of an unsigned 16-bit field: track numbers. */
export const MAX_U16: number = 0xffff;

/** Largest value of an unsigned 32-bit field: sequences, lengths. */
export const MAX_U32: number = 0xffff_ffff;

/** Bytes of control messages that may wait for a receiver that does not read, beside one frame. */
export const MAX_BACKLOG_BYTES: number = 1024 * 1024;

/** Bytes of earlier frames that may wait in a hub's own memory when it writes the next one to a viewer. */
export const MAX_UNSENT_BYTES: number = 16 * 1024;

/** Programs connected to one mapper. */
export const MAX_PEERS: number = 1024;

/** Viewers connected to one process of a server, of either protocol: what its descriptors and memory bear. */
export const MAX_VIEWERS: number = 16_384;

/** Readers of streams over HTTP and snapshots that are not sent whole yet, at one process of a server. */
export const MAX_HTTP_READERS: number = 4096;

/**
 * Connections at one process of a server that were told why no WebSocket is opened and have not ended: each costs a descriptor. A client
 * leaves within a round trip, so this is a thousand refusals a second.
 */
export const MAX_REFUSED_CONNECTIONS: number = 128;

/** Milliseconds that such a connection may stay, for the answer to arrive over a bad link. */
export const REFUSAL_TIMEOUT_MS: number = 2_000;

/** Milliseconds that `snapshot.jpg` waits for a picture before it answers 503. */
export const SNAPSHOT_TIMEOUT_MS: number = 10_000;

/** Controls of one camera. The richest webcams have 40. */
export const MAX_CONTROLS: number = 128;

/** Values that one control of a camera may choose from. */
export const MAX_CONTROL_CHOICES: number = 64;

/** Servers that a camera's frames may have come through, one relay after the other. A longer chain is a mistake. */
export const MAX_HOPS: number = 8;

/** Milliseconds between two signs of life of a recorder on NATS, and between two leases of who takes its tracks. */
export const BEAT_MS: number = 1000;

/** Milliseconds of silence after which a recorder on NATS is gone: two beats may be lost, and everybody knows within 3 s. */
export const BEAT_TIMEOUT_MS: number = 2500;

/** Milliseconds for which one who takes tracks over NATS counts after its last lease. */
export const LEASE_MS: number = 3000;

/** Programs that may take tracks of one recorder over NATS at once. Each sends a lease a second. */
export const MAX_LEASES: number = 4096;

/** Bytes of a GOP beyond its first frame that a recorder sends to a newcomer; of a longer one it makes a keyframe instead. */
export const MAX_JOIN_BYTES: number = 1024 * 1024;
