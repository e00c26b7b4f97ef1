/** Why a peer is refused. Stable: these strings are part of the public API; `docs/protocol.md` lists them. */
export type ProtocolErrorCode =
  | "HW_MALFORMED"
  | "HW_TOO_LARGE"
  | "HW_VERSION"
  | "HW_UNEXPECTED"
  | "HW_FLOOD"
  | "HW_STALLED"
  | "HW_TOO_MANY"
  | "HW_TAKEN"
  | "HW_ENDED";

/** WebSocket close code (RFC 6455 section 7.4.2, private range) for each reason a viewer may be closed. */
export const CLOSE_CODES: { readonly [code in ProtocolErrorCode]: number } = {
  HW_MALFORMED: 4400,
  HW_TOO_LARGE: 1009,
  HW_VERSION: 4406,
  HW_UNEXPECTED: 1003,
  HW_FLOOD: 4429,
  HW_STALLED: 4408,
  HW_TOO_MANY: 4413,
  HW_TAKEN: 4409,
  HW_ENDED: 4401,
};

/** A peer broke the wire format or a limit. Whoever owns the connection closes it; a decoder never does. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  /** The stable reason. */
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** The WebSocket close code that says this. */
  get closeCode(): number {
    return CLOSE_CODES[this.code];
  }
}
