import fc from "fast-check";
import { expect, test } from "vitest";
import { PictureSplitter } from "./mjpeg-viewer.ts";

const PICTURES = [Buffer.from("ffd8ffd90102ffd9", "hex"), Buffer.from("ffd8aaffd9", "hex")];

function stream(sized: boolean): Buffer {
  const parts = PICTURES.flatMap((picture) => {
    const length = sized ? `Content-Length: ${picture.length}\r\n` : "";
    return [Buffer.from(`--x\r\nContent-Type: image/jpeg\r\n${length}\r\n`), picture, Buffer.from("\r\n")];
  });
  return Buffer.concat([...parts, Buffer.from("--x")]);
}

test.each([true, false])("pictures survive any chunking; with a length: %s", (sized) => {
  const bytes = stream(sized);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), (step) => {
      const splitter = new PictureSplitter();
      const got: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += step)
        got.push(...splitter.push(bytes.subarray(at, at + step)));
      expect(got.map((picture) => picture.toString("hex"))).toEqual(PICTURES.map((p) => p.toString("hex")));
    }),
  );
});
