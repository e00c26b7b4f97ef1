import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Packets from "./packets.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("packets", () => {
  test("have the length in front that the specification shows", () => {
    expect(Packets.join(hex("02030007 00000102"))).toEqual(hex("00000008 02030007 00000102"));
  });

  test("survive any chunking of the stream", () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bodies, cuts, (sent, steps) => {
        const stream = Buffer.concat(sent.map(Packets.join));
        const splitter = new Packets.Splitter();
        const got: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const step = steps[turn % steps.length] ?? 1;
          got.push(...splitter.push(stream.subarray(at, at + step)));
          at += step;
        }
        expect(got.map((body) => [...body])).toEqual(sent.map((body) => [...body]));
        expect(splitter.heldBytes).toBe(0);
      }),
    );
  });

  test("may be read straight into the memory of a body, as far as that is known", () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bodies, cuts, (sent, steps) => {
        const stream = Buffer.concat(sent.map(Packets.join));
        const splitter = new Packets.Splitter({ allocate: (bytes) => new Uint8Array(bytes).fill(0xee) });
        const got: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const step = stream.subarray(at, at + (steps[turn % steps.length] ?? 1));
          const { rest } = splitter;
          if (rest === undefined) {
            got.push(...splitter.push(step));
            at += step.byteLength;
          } else {
            const length = Math.min(rest.byteLength, step.byteLength);
            rest.set(step.subarray(0, length));
            const body = splitter.took(length);
            if (body !== undefined) got.push(body);
            at += length;
          }
        }
        expect(got.map((body) => [...body])).toEqual(sent.map((body) => [...body]));
        expect(splitter.rest).toBeUndefined();
      }),
    );
  });

  test("are refused on the length alone when it is over the limit", () => {
    const splitter = new Packets.Splitter({ maxBytes: 10 });
    expect(splitter.push(hex("0000 00"))).toEqual([]);
    expect(() => splitter.push(hex("0b"))).toThrow(expect.objectContaining({ code: "HW_TOO_LARGE" }));
  });

  test("of no bytes are refused", () => {
    expect(() => new Packets.Splitter().push(hex("00000000"))).toThrow(
      expect.objectContaining({ code: "HW_MALFORMED" }),
    );
  });
});
