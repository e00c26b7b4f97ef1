import { expect, test } from "vitest";
import { webSocketUrl } from "./address.ts";

test.each([
  ["/ws", "http://localhost:9000/", "ws://localhost:9000/ws"],
  ["ws", "https://example.org/cameras/#front", "wss://example.org/cameras/ws"],
  ["ws", "http://[::1]:9000/index.html?x=1", "ws://[::1]:9000/ws"],
  ["http://camera:9000/ws", "https://example.org/", "ws://camera:9000/ws"],
  ["wss://camera/ws#x", "https://example.org/", "wss://camera/ws"],
])("%s seen from %s is %s", (source, base, url) => {
  expect(webSocketUrl(source, base)).toBe(url);
});
