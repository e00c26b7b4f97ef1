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
