import { describe, expect, test } from "vitest";
import { nativeStreams } from "./native-streams.ts";

const BINDING = {
  WriteWrap: class {},
  streamBaseState: new Int32Array([7, 0, 0, 1]),
  kReadBytesOrError: 0,
  kLastWriteWasAsync: 3,
};

function node(binding: object): object {
  return { binding: (name: string) => (name === "stream_wrap" ? binding : undefined) };
}

describe("what Node's streams know", () => {
  test("is read where Node writes it", () => {
    const native = nativeStreams(node(BINDING));
    expect(native?.readBytes()).toBe(7);
    expect(native?.isWaiting()).toBe(true);
    expect(native?.Request).toBe(BINDING.WriteWrap);
  });

  test("is there in this Node", () => {
    expect(nativeStreams()).toBeDefined();
  });

  test.each([
    ["no binding", {}],
    ["none for streams", { binding: () => undefined }],
    [
      "one that is refused",
      {
        binding: () => {
          throw new Error("ERR_ACCESS_DENIED");
        },
      },
    ],
    ["no write request", node({ ...BINDING, WriteWrap: undefined })],
    ["no numbers", node({ ...BINDING, streamBaseState: [7, 0, 0, 1] })],
    ["a place that is none", node({ ...BINDING, kReadBytesOrError: 4 })],
    ["no place", node({ ...BINDING, kLastWriteWasAsync: undefined })],
  ])("is not used with %s", (_, source) => {
    expect(nativeStreams(source)).toBeUndefined();
  });
});
