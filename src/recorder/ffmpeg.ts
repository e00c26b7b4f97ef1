/**
 * FFmpeg, as far as this program needs it; only the files of `ffmpeg/` import node-av. Its low-level API is used
 * throughout: the high-level one hides read errors and blocks on a camera that has stalled. A context of FFmpeg
 * must never see two calls at once and never be freed during one (that is a crash, not an error), so every class
 * here runs its calls one after the other.
 *
 * Loading this file loads a library of 30 MB: sources that can do without it import it only when they need it.
 * @module
 */
export { deviceFormat, devices, formatListing, modes } from "./ffmpeg/devices.ts";
export { version } from "./ffmpeg/error.ts";
export { type AccessUnit, H264Encoder } from "./ffmpeg/h264-encoder.ts";
export { Input, type VideoStream } from "./ffmpeg/input.ts";
export { JpegEncoder } from "./ffmpeg/jpeg-encoder.ts";
export { Packet } from "./ffmpeg/packet.ts";
export { Picture } from "./ffmpeg/picture.ts";
export { Scaler } from "./ffmpeg/scaler.ts";
export { VideoDecoder } from "./ffmpeg/video-decoder.ts";
