/** Where a server listens when the page comes from it. */
export const DEFAULT_SOURCE = "/ws";

/** `source` (`/ws`, `ws`, `http://HOST:9000/ws`, `wss://…`) as an absolute WebSocket address, seen from `base`. */
export function webSocketUrl(source: string, base: string): string {
  const url = new URL(source, base);
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  // A WebSocket takes no fragment.
  url.hash = "";
  return url.href;
}

/**
 * The HTTP address of what the server whose WebSocket is at `source` has of a camera: `snapshot.jpg`, `controls`. It stands beside the
 * WebSocket, so it works below a path of another server too.
 */
export function cameraUrl(source: string, base: string, camera: string, what: string): string {
  const url = new URL(`cameras/${encodeURIComponent(camera)}/${what}`, webSocketUrl(source, base));
  url.protocol = url.protocol === "wss:" ? "https:" : "http:";
  return url.href;
}
