import { expect, test } from "vitest";
import { cameraUrl, webSocketUrl } from "./address.ts";

test.each([
  ["/ws", "http://localhost:9000/", "ws://localhost:9000/ws"],
  ["ws", "https://example.org/cameras/#front", "wss://example.org/cameras/ws"],
  ["ws", "http://[::1]:9000/index.html?x=1", "ws://[::1]:9000/ws"],
  ["http://camera:9000/ws", "https://example.org/", "ws://camera:9000/ws"],
  ["wss://camera/ws#x", "https://example.org/", "wss://camera/ws"],
])("%s seen from %s is %s", (source, base, url) => {
  expect(webSocketUrl(source, base)).toBe(url);
});

test.each([
  ["/ws", "http://localhost:9000/", "http://localhost:9000/cameras/front/snapshot.jpg"],
  ["ws", "https://example.org/below/#front", "https://example.org/below/cameras/front/snapshot.jpg"],
  ["wss://camera:9000/below/ws?x=1", "http://other/", "https://camera:9000/below/cameras/front/snapshot.jpg"],
])("the snapshot of a camera behind %s seen from %s is %s", (source, base, url) => {
  expect(cameraUrl(source, base, "front", "snapshot.jpg")).toBe(url);
});
