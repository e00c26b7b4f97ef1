import { expect, test, vi } from "vitest";
import type { Frame, Micros } from "../protocol/index.ts";
import { Answers } from "./nats-answers.ts";
import type { NatsLink } from "./nats-link.ts";

/** A link with room for so many frames, which notes what it is given. */
function linkWith(room: { frames: number }): { link: NatsLink; sent: string[] } {
  const sent: string[] = [];
  const link = {
    maxMessageBytes: 1000,
    get ready() {
      return room.frames > 0;
    },
    send: (subject: string, messages: Uint8Array[]) => {
      room.frames--;
      sent.push(`${subject} ${messages[0]?.[7]}`);
    },
    tell: (subject: string, data: Uint8Array) =>
      sent.push(`${subject} ${data.byteLength === 0 ? "end" : "?"}`),
  };
  return { link: link as unknown as NatsLink, sent };
}

const frames = (...sequences: number[]): Frame.Frame[] =>
  sequences.map((sequence) => ({
    track: 1,
    sequence,
    capturedAt: 1 as Micros,
    keyframe: true,
    discardable: false,
    layer: 0,
    payload: Uint8Array.of(0),
  }));

test("an answer leaves as the way has room, in order, and ends with an empty message", () => {
  const room = { frames: 2 };
  const { link, sent } = linkWith(room);
  const answers = new Answers(link);
  answers.add("a", frames(1, 2, 3));
  answers.add("b", frames(7));
  expect(sent).toEqual(["a 1", "a 2"]);
  room.frames = 5;
  answers.pump();
  expect(sent.slice(2)).toEqual(["a 3", "a end", "b 7", "b end"]);
});

test("an answer that would come too late is ended, and the next one is not", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const room = { frames: 0 };
    const { link, sent } = linkWith(room);
    const answers = new Answers(link);
    answers.add("a", frames(1));
    vi.advanceTimersByTime(2100);
    answers.add("b", frames(2));
    expect(sent).toEqual(["a end"]);
    room.frames = 1;
    answers.pump();
    expect(sent).toEqual(["a end", "b 2", "b end"]);
  } finally {
    vi.useRealTimers();
  }
});

test("nobody waits behind too many, and nothing is left when the connection is", () => {
  const { link, sent } = linkWith({ frames: 0 });
  const answers = new Answers(link);
  for (let index = 0; index < 257; index++) answers.add(`a${index}`, frames(1));
  expect(sent).toEqual(["a256 end"]);
  answers.clear();
  answers.pump();
  expect(sent).toHaveLength(1);
});
