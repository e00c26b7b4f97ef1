/** Opcodes of RFC 6455 section 5.2. */
export const Opcode = {
  CONTINUATION: 0x0,
  TEXT: 0x1,
  BINARY: 0x2,
  CLOSE: 0x8,
  PING: 0x9,
  PONG: 0xa,
} as const;

/** Bytes that a control message may carry (RFC 6455 section 5.5). */
export const MAX_CONTROL_PAYLOAD_BYTES = 125;

const FIN = 0x80;

// A message from a server is FIN and opcode, a length of one of three forms, and no mask (RFC 6455 section 5.2). It is the
// same for every viewer, so it can be made once and written to each socket in one piece.

/** Bytes of the header in front of a message of `bodyBytes`. */
export function headerBytes(bodyBytes: number): 2 | 4 | 10 {
  return bodyBytes < 126 ? 2 : bodyBytes <= 0xffff ? 4 : 10;
}

/** Write the header of a whole message to the start of `bytes`. */
export function writeHeader(bytes: Buffer, opcode: number, bodyBytes: number): void {
  bytes[0] = FIN | opcode;
  const form = headerBytes(bodyBytes);
  if (form === 2) {
    bytes[1] = bodyBytes;
  } else if (form === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(bodyBytes, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(bodyBytes, 6);
  }
}

/** A whole message of a server: header and body in memory of its own. */
export function message(opcode: number, body: Uint8Array): Buffer {
  const head = headerBytes(body.byteLength);
  const bytes = Buffer.allocUnsafe(head + body.byteLength);
  writeHeader(bytes, opcode, body.byteLength);
  bytes.set(body, head);
  return bytes;
}

/** The body of a close message: code and reason, cut to what a control message may carry. */
export function closeBody(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  let end = Math.min(text.byteLength, MAX_CONTROL_PAYLOAD_BYTES - 2);
  // Never within a character: the reason must be UTF-8.
  while (end < text.byteLength && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  const body = Buffer.allocUnsafe(2 + end);
  body.writeUInt16BE(code, 0);
  body.set(text.subarray(0, end), 2);
  return body;
}
