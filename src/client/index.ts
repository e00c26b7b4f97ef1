/**
 * Live cameras in a page, without the element: importing this does nothing.
 *
 * ```ts
 * const view = watch("/ws", "front", { canvas, told: ({ state, ageMs }) => console.log(state, ageMs) });
 * ```
 * @module
 */
import { webSocketUrl } from "./address.ts";
import { Directory, type DirectoryTold } from "./directory.ts";
import { View, type ViewOptions } from "./view.ts";

export type { CameraInfo, CameraState, TrackInfo } from "../protocol/index.ts";
export { Directory, type DirectoryTold } from "./directory.ts";
export type { Link, LinkState } from "./link.ts";
export type { Stats, ViewState } from "./stats.ts";
export { View, type ViewOptions } from "./view.ts";
export type { DecoderName, Way, Wish } from "./way.ts";

/**
 * Show a camera. `url` is the server's WebSocket, absolute or as seen from the page (`/ws`); `camera` is the camera's
 * id. All views and directories of one server share one connection, which comes back by itself.
 */
export function watch(url: string, camera: string, options: ViewOptions = {}): View {
  return new View(webSocketUrl(url, document.baseURI), camera, options);
}

/** Follow a server's cameras. `told` hears of them at once and at every change. */
export function listCameras(url: string, told: DirectoryTold): Directory {
  return new Directory(webSocketUrl(url, document.baseURI), told);
}
