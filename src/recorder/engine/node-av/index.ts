/**
 * FFmpeg inside this process; only the files of this folder import node-av. Its low-level API is used
 * throughout: the high-level one hides read errors and blocks on a camera that has stalled. A context of FFmpeg
 * must never see two calls at once and never be freed during one (that is a crash, not an error), so every class
 * here runs its calls one after the other.
 *
 * Loading this file loads a library of 30 MB, which is not there on every platform: only `engine/load-engine.ts` does.
 * @module
 */
export { nodeAv } from "./engine.ts";
export { Input } from "./input.ts";
export { Packet } from "./packet.ts";
export { Picture } from "./picture.ts";
export { VideoDecoder } from "./video-decoder.ts";
