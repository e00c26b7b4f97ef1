/**
 * The wire: bytes to messages and back. It owns no socket and imports nothing, so the same code serves the
 * local socket, the WebSocket, the browser and the benchmark. `docs/protocol.md` is the normative text.
 * @module
 */
export * as Ack from "./ack.ts";
export {
  ageMicros,
  CAMERA_ID,
  type CameraInfo,
  type CameraState,
  type HopInfo,
  hasFailed,
  isCameraId,
  TRACK_NAME,
  type TrackInfo,
} from "./camera.ts";
export { type CameraControl, type ControlChoice, isControlName } from "./camera-control.ts";
export * as Control from "./control.ts";
export { CLOSE_CODES, ProtocolError, type ProtocolErrorCode } from "./error.ts";
export * as Frame from "./frame.ts";
export * as Limits from "./limits.ts";
export * as Packets from "./packets.ts";
export { allows, isRole, ROLES, type Role } from "./role.ts";
export { type Micros, micros, now } from "./time.ts";
