import { describe, expect, test } from "vitest";
import { Frame, type Micros } from "../protocol/index.ts";
import { FrameBytes, fullMessage, simpleMessage } from "./frame-bytes.ts";

const frame = (payloadBytes: number): Frame.Frame => ({
  track: 7,
  sequence: 258,
  capturedAt: 1_700_000_000_123_456 as Micros,
  keyframe: true,
  discardable: false,
  layer: 0,
  payload: new Uint8Array(payloadBytes).fill(0xab),
});
/** The same frame as it comes from the local socket: with room in front of the payload. */
const withRoom = (payloadBytes: number): Frame.Frame => {
  const memory = new Uint8Array(10 + Frame.HEADER_BYTES + payloadBytes);
  memory.set(Frame.encode(frame(payloadBytes)), 10);
  return Frame.decode(memory.subarray(10), 10);
};
const ENVELOPE = "010100070000010200060a2418202240";

describe("the WebSocket message of a frame", () => {
  // Headers typed from RFC 6455 section 5.2: FIN and opcode 2, then a length of 7, 16 or 64 bits.
  test.each([
    [4, "8214"],
    [109, "827d"],
    [110, "827e007e"],
    [65_519, "827effff"],
    [65_520, "827f0000000000010000"],
  ])("of %i bytes has the right header, copied or in place", (payloadBytes, header) => {
    for (const one of [frame(payloadBytes), withRoom(payloadBytes)]) {
      const message = fullMessage(one);
      const head = header.length / 2 + Frame.HEADER_BYTES;
      expect(message.subarray(0, head).toString("hex")).toBe(header + ENVELOPE);
      expect(message.subarray(head).equals(Buffer.alloc(payloadBytes, 0xab))).toBe(true);
    }
  });

  test("is made in the frame's own memory where there is room", () => {
    const one = withRoom(100);
    expect(fullMessage(one).buffer).toBe(one.payload.buffer);
    expect(fullMessage(frame(100)).buffer).not.toBe(frame(100).payload.buffer);
  });

  test("carries the number that the frame has now, not the one that it came with", () => {
    const renumbered = { ...withRoom(100), track: 9 };
    expect(fullMessage(renumbered).readUInt16BE(2 + 2 + 0)).not.toBe(7);
    expect(Frame.decode(fullMessage(renumbered).subarray(2)).track).toBe(9);
  });

  test("of the simple protocol is the payload alone, and leaves the frame's memory as it is", () => {
    const one = withRoom(100);
    const full = Buffer.from(fullMessage(one));
    const simple = simpleMessage(one);
    expect(simple.subarray(0, 2).toString("hex")).toBe("8264");
    expect(simple.subarray(2).equals(Buffer.alloc(100, 0xab))).toBe(true);
    expect(fullMessage(one).equals(full)).toBe(true);
  });

  test("is made once for all", () => {
    let made = 0;
    const bytes = new FrameBytes((one) => {
      made++;
      return simpleMessage(one);
    });
    const one = frame(10);
    expect(bytes.of(one)).toBe(bytes.of(one));
    expect(made).toBe(1);
  });
});
