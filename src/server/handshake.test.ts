import { describe, expect, test } from "vitest";
import { handshake } from "./handshake.ts";

const HEADERS = {
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

describe("the handshake", () => {
  test("answers the example of RFC 6455 section 1.3", () => {
    expect(handshake({ method: "GET", headers: HEADERS })).toEqual({
      accepted: true,
      full: false,
      response:
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    });
  });

  test.each([
    ["hello.v1", true],
    ["chat, hello.v1", true],
    ["chat", false],
  ])("takes the subprotocol %s as full: %s", (offered, full) => {
    const answer = handshake({ method: "GET", headers: { ...HEADERS, "sec-websocket-protocol": offered } });
    expect(answer).toMatchObject({ accepted: true, full });
    expect("response" in answer && answer.response.includes("Sec-WebSocket-Protocol: hello.v1\r\n")).toBe(
      full,
    );
  });

  test.each<[string, string, Record<string, string>, number]>([
    ["another method", "POST", {}, 405],
    ["another protocol", "GET", { upgrade: "h2c" }, 400],
    ["a short key", "GET", { "sec-websocket-key": "dGhl" }, 400],
    ["an older version", "GET", { "sec-websocket-version": "8" }, 426],
  ])("refuses %s", (_, method, headers, status) => {
    expect(handshake({ method, headers: { ...HEADERS, ...headers } })).toMatchObject({
      accepted: false,
      status,
    });
  });
});
