import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Control } from "../protocol/index.ts";

/** The constant of RFC 6455 section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** The answer to an upgrade request. */
export type Handshake =
  | {
      readonly accepted: true;
      readonly response: string /** The full protocol was agreed. */;
      readonly full: boolean;
    }
  | { readonly accepted: false; readonly status: 400 | 405 | 426; readonly reason: string };

/** Whether a request asks for a WebSocket, and not for another protocol or none. */
export function asksForWebSocket({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers.upgrade?.split(",").some((name) => name.trim().toLowerCase() === "websocket") === true;
}

/** The server's half of the WebSocket handshake (RFC 6455 section 4.2). No extension is agreed: a JPEG does not shrink. */
export function handshake({ method, headers }: Pick<IncomingMessage, "method" | "headers">): Handshake {
  const key = headers["sec-websocket-key"];
  if (method !== "GET") return { accepted: false, status: 405, reason: "a WebSocket opens with GET" };
  if (headers.upgrade?.toLowerCase() !== "websocket" || key === undefined || !KEY.test(key)) {
    return { accepted: false, status: 400, reason: "expected a WebSocket handshake" };
  }
  if (headers["sec-websocket-version"] !== "13") {
    return { accepted: false, status: 426, reason: "expected version 13 of the WebSocket protocol" };
  }
  const offered = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
  const full = offered.includes(Control.SUBPROTOCOL);
  const accept = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...(full ? [`Sec-WebSocket-Protocol: ${Control.SUBPROTOCOL}`] : []),
  ];
  return { accepted: true, response: `${lines.join("\r\n")}\r\n\r\n`, full };
}
