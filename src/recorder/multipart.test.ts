import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SourceError } from "./frame-source.ts";
import { isWhole } from "./jpeg.ts";
import { boundaryOf, MultipartReader } from "./multipart.ts";

const MAX = 4096;

function read(stream: Uint8Array, cuts: readonly number[], boundary = "frame"): string[] {
  const reader = new MultipartReader({ boundary, maxPartBytes: MAX });
  const parts: string[] = [];
  let from = 0;
  for (const cut of [...cuts, stream.byteLength]) {
    for (const part of reader.push(stream.subarray(from, cut), 0)) parts.push(hex(part.bytes));
    from = cut;
  }
  return parts;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// Content that a server could send: not empty, and without the delimiter.
const content = fc
  .uint8Array({ minLength: 1, maxLength: 300 })
  .filter(
    (bytes) => !Buffer.from(bytes).includes("--frame") && ![0x0a, 0x0d, 0x2d].includes(bytes.at(-1) ?? 0),
  );

const style = fc.record({
  lineEnd: fc.constantFrom("\r\n", "\n"),
  sized: fc.boolean(),
  preamble: fc.constantFrom("", "hello\r\n", "\r\n"),
  headers: fc.constantFrom("Content-Type: image/jpeg", "X-Timestamp: 12.5", ""),
});

function write(
  parts: readonly Uint8Array[],
  how: typeof style extends fc.Arbitrary<infer T> ? T : never,
): Buffer {
  const chunks: Buffer[] = [Buffer.from(how.preamble)];
  for (const part of parts) {
    const headers = [how.headers, how.sized ? `Content-Length: ${part.byteLength}` : ""].filter(Boolean);
    chunks.push(Buffer.from(["--frame", ...headers, "", ""].join(how.lineEnd)), Buffer.from(part));
    chunks.push(Buffer.from(how.lineEnd));
  }
  chunks.push(Buffer.from("--frame--"));
  return Buffer.concat(chunks);
}

describe("MultipartReader", () => {
  test("parts survive every way of writing and cutting the stream", () => {
    fc.assert(
      fc.property(
        fc.array(content, { maxLength: 6 }),
        style,
        fc.array(fc.nat(), { maxLength: 20 }),
        (parts, how, cuts) => {
          const stream = write(parts, how);
          const places = cuts.map((cut) => cut % (stream.byteLength + 1)).sort((a, b) => a - b);
          expect(read(stream, places)).toEqual(parts.map(hex));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("parts survive a stream that comes byte by byte", () => {
    const stream = Buffer.from(
      "--frame\r\n\r\nab\r\n--frame\r\nContent-Length: 3\r\n\r\n\r\n-\r\n--frame\r\n\r\nc\r\n--frame",
    );
    const cuts = Array.from(stream, (_, index) => index);
    expect(read(stream, cuts)).toEqual(["6162", "0d0a2d", "63"]);
  });

  test("garbage never does anything but throw a SourceError", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array(), fc.constant(Buffer.from("--frame\r\n\r\n")))),
        (chunks) => {
          const reader = new MultipartReader({ boundary: "frame", maxPartBytes: MAX });
          try {
            for (const chunk of chunks) reader.push(chunk, 0);
          } catch (error) {
            expect(error).toBeInstanceOf(SourceError);
          }
        },
      ),
    );
  });

  test.each([
    ["frame", "--frame"],
    ["--frame", "--frame"],
    ["--frame", "----frame"],
    ["----frame", "--frame"],
  ])("a boundary announced as %s and sent as %s is found", (announced, sent) => {
    const stream = Buffer.from(`${sent}\r\n\r\nab\r\n${sent}\r\n\r\ncd\r\n${sent}\r\n`);
    expect(read(stream, [], announced)).toEqual(["6162", "6364"]);
  });

  test("a delimiter within a picture is picture", () => {
    const stream = Buffer.from("--b\r\n\r\nxx--byy\r\n--b\r\n");
    expect(read(stream, [], "b")).toEqual([hex(Buffer.from("xx--byy"))]);
  });

  test("a delimiter right behind a JPEG ends it", () => {
    const jpeg = "ffd800112233ffd9";
    const stream = Buffer.concat([
      Buffer.from("--b\r\n\r\n"),
      Buffer.from(jpeg, "hex"),
      Buffer.from("--b\r\n"),
    ]);
    expect(read(stream, [], "b")).toEqual([jpeg]);
  });

  test("a part says when its first byte came", () => {
    const reader = new MultipartReader({ boundary: "frame", maxPartBytes: MAX });
    const parts = [
      ...reader.push(Buffer.from("--frame\r\nContent-Length: 4\r\n\r\n"), 1),
      ...reader.push(Buffer.from("ab"), 2),
      ...reader.push(Buffer.from("cd\r\n--frame\r\n\r\n"), 3),
      ...reader.push(Buffer.from("e"), 4),
      ...reader.push(Buffer.from("f\r\n--frame"), 5),
    ];
    expect(parts.map((part) => part.at)).toEqual([2, 4]);
  });

  test("a whole JPEG is handed out without waiting for the next boundary", () => {
    const jpeg = Buffer.from(
      "ffd8 ffc0000b080010001001012200 ffda0008010100003f00 1234 ffd9".replaceAll(" ", ""),
      "hex",
    );
    const reader = new MultipartReader({ boundary: "frame", maxPartBytes: MAX, isComplete: isWhole });
    expect(reader.push(Buffer.from("--frame\r\n\r\n"), 0)).toEqual([]);
    expect(reader.push(jpeg.subarray(0, 10), 0)).toEqual([]);
    expect(reader.push(jpeg.subarray(10), 0).map((part) => hex(part.bytes))).toEqual([hex(jpeg)]);
    expect(reader.push(Buffer.from("\r\n--frame\r\n\r\nx\r\n--frame"), 0).map((p) => hex(p.bytes))).toEqual([
      "78",
    ]);
  });

  test("the line end behind a whole JPEG may come with it or later", () => {
    const jpeg = Buffer.from("ffd8ffc0000b080010001001012200ffda0008010100003f001234ffd9", "hex");
    for (const behind of ["", "\r", "\r\n", "\n"]) {
      const reader = new MultipartReader({ boundary: "frame", maxPartBytes: MAX, isComplete: isWhole });
      const parts = reader.push(
        Buffer.concat([Buffer.from("--frame\r\n\r\n"), jpeg, Buffer.from(behind)]),
        0,
      );
      expect(parts.map(({ bytes }) => hex(bytes))).toEqual([hex(jpeg)]);
    }
  });

  test("nothing follows the last boundary", () => {
    const reader = new MultipartReader({ boundary: "frame", maxPartBytes: MAX });
    reader.push(Buffer.from("--frame--\r\n--frame\r\n\r\nab\r\n--frame"), 0);
    expect(reader.ended).toBe(true);
  });

  test.each([
    ["an announced length", `--frame\r\nContent-Length: ${MAX + 1}\r\n\r\n`, "4097 bytes is over the 4096"],
    ["a part without length", `--frame\r\n\r\n${"x".repeat(MAX + 100)}`, "over the 4096"],
    ["headers", `--frame\r\n${"x".repeat(9000)}`, "headers of a part are over the 8192"],
    ["a stream without boundary", "x".repeat(70_000), "no boundary in 65536 bytes"],
  ])("%s over the bound is refused", (_what, text, message) => {
    const reader = new MultipartReader({ boundary: "frame", maxPartBytes: MAX });
    const push = (): void => {
      for (let at = 0; at < text.length; at += 1000) reader.push(Buffer.from(text.slice(at, at + 1000)), 0);
    };
    expect(push).toThrow(message);
  });
});

test.each([
  ["multipart/x-mixed-replace;boundary=frame", "frame"],
  ['multipart/x-mixed-replace; boundary="my frame"; x=1', "my frame"],
  ["Multipart/X-Mixed-Replace; charset=x; Boundary=--ab ", "--ab"],
  ["multipart/x-mixed-replace", ""],
  ["image/jpeg", undefined],
  [undefined, undefined],
])("the boundary of %s is %s", (contentType, expected) => {
  expect(boundaryOf(contentType)).toBe(expected);
});
