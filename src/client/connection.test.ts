import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeSocket } from "../../test/support/fake-socket.ts";
import { Ack, type CameraInfo, Frame, type Micros, micros, now } from "../protocol/index.ts";
import { Connection, type ConnectionListener } from "./connection.ts";
import type { Link } from "./link.ts";
import type { Socket } from "./socket.ts";

const front: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: 0 as Micros,
  tracks: [],
};

const FRAME: Frame.Frame = {
  track: 7,
  sequence: 1,
  capturedAt: micros(1),
  keyframe: true,
  discardable: false,
  layer: 0,
  payload: new Uint8Array(1),
};

let sockets: FakeSocket[];
let links: Link[];
let frames: Frame.Frame[];
let numbers: [string, string, number][];
let connection: Connection;

function last(): FakeSocket {
  return sockets.at(-1)!;
}

/** Both clocks go on by so many ms, and no timer fires: the machine sleeps. */
function leap(ms: number): void {
  const steady = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => steady() + ms);
  vi.setSystemTime(Date.now() + ms);
}

/** Advance until there is one socket more; how long that took. */
function untilNext(): number {
  const count = sockets.length;
  let waited = 0;
  while (sockets.length === count && waited < 60_000) {
    vi.advanceTimersByTime(10);
    waited += 10;
  }
  return waited;
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  links = [];
  frames = [];
  numbers = [];
  const listener: ConnectionListener = {
    link: (link) => links.push(link),
    cameras: () => undefined,
    watching: (...entry) => numbers.push(entry),
    frame: (frame) => frames.push(frame),
  };
  const open = (): Socket => {
    sockets.push(new FakeSocket());
    return last();
  };
  connection = new Connection({ url: "ws://hub/ws", open }, listener);
  connection.open();
});

afterEach(() => {
  connection.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("connecting", () => {
  test("it asks for the directory and for what is watched when the server has said hello", () => {
    connection.watch("front", "jpeg", 2);
    expect(last().sent).toEqual([]);
    last().accept();
    expect(links.map(({ state }) => state)).toEqual(["connecting", "open"]);
    expect(last().control).toEqual([
      { type: "list" },
      { type: "watch", camera: "front", track: "jpeg", window: 2 },
    ]);
  });

  test("it knows what one may do here", () => {
    last().readyState = 1;
    last().tell({ type: "hello", version: 1, role: "control" });
    expect(connection.link).toMatchObject({ state: "open", role: "control" });
  });

  test("who has access no longer is told so", () => {
    last().accept();
    last().onclose?.({ code: 4401, reason: "" });
    expect(connection.link).toMatchObject({ state: "lost", reason: "The access to this server has ended" });
  });

  test("another version is refused, with what to do about it", () => {
    last().readyState = 1;
    last().tell({ type: "hello", version: 2 });
    expect(last().closedWith).toBe(4406);
    expect(connection.link).toMatchObject({
      state: "lost",
      reason: expect.stringContaining("reload the page"),
    });
  });

  test("an attempt that gets no answer is given up", () => {
    vi.advanceTimersByTime(5_000);
    expect(connection.link.state).toBe("lost");
    expect(untilNext()).toBeLessThanOrEqual(260);
  });

  test("an address that cannot be opened is told, and tried again", () => {
    connection.close();
    const broken = new Connection(
      {
        url: "nonsense",
        open: () => {
          throw new SyntaxError("no such scheme");
        },
      },
      { link: (link) => links.push(link), cameras: vi.fn(), watching: vi.fn(), frame: vi.fn() },
    );
    broken.open();
    expect(broken.link).toMatchObject({ state: "lost", reason: "no such scheme" });
    broken.close();
  });
});

describe("in use", () => {
  beforeEach(() => last().accept());

  test("the directory follows the server", () => {
    expect(connection.listed).toBe(false);
    last().tell({ type: "cameras", cameras: [front] });
    expect(connection.listed).toBe(true);
    last().tell({ type: "camera", camera: { ...front, id: "back" } });
    last().tell({ type: "camera", camera: { ...front, state: "gone", reason: "unplugged" } });
    expect([...connection.cameras.keys()]).toEqual(["front", "back"]);
    expect(connection.cameras.get("front")?.reason).toBe("unplugged");
    last().tell({ type: "removed", camera: "front" });
    expect([...connection.cameras.keys()]).toEqual(["back"]);
  });

  test("frames come in, acknowledgements go out", () => {
    connection.watch("front", "jpeg", 2);
    last().tell({ type: "watching", camera: "front", track: "jpeg", number: 7 });
    const frame = {
      track: 7,
      sequence: 258,
      capturedAt: micros(1e15),
      keyframe: true,
      discardable: false,
      layer: 0,
    };
    last().say(Frame.encode({ ...frame, payload: new Uint8Array([1, 2]) }).buffer);
    connection.acknowledge({ track: 7, sequence: 258, windowFrames: 3 });
    expect(numbers).toEqual([["front", "jpeg", 7]]);
    expect(frames).toMatchObject([{ track: 7, sequence: 258 }]);
    expect(last().sent.at(-1)).toEqual(Ack.encode({ track: 7, sequence: 258, windowFrames: 3 }));
  });

  test("a question for the time that is due soon goes out before an acknowledgement, and is open until its answer", () => {
    const ack = { track: 7, sequence: 1, windowFrames: 2 };
    const kinds = (): string[] =>
      last().sent.map((data) => (typeof data === "string" ? JSON.parse(data).type : "ack"));
    last().tell({ type: "time", sent: now(), at: now() });
    connection.acknowledge(ack);
    expect(kinds().slice(-1)).toEqual(["ack"]);
    expect(kinds().filter((kind) => kind === "time")).toHaveLength(1);
    expect(connection.openMs).toBe(0);
    vi.advanceTimersByTime(120);
    connection.acknowledge(ack);
    expect(kinds().slice(-2)).toEqual(["time", "ack"]);
    vi.advanceTimersByTime(100);
    expect(connection.openMs).toBeGreaterThan(50);
    last().tell({ type: "time", sent: now(), at: now() });
    expect(connection.openMs).toBe(0);
    // Nothing is on the way: now or in a while.
    connection.acknowledge(ack, true);
    expect(kinds().slice(-2)).toEqual(["time", "ack"]);
  });

  test("unwatch is sent once, and only for what was watched", () => {
    connection.watch("front", "jpeg", 2);
    connection.unwatch("front", "jpeg");
    connection.unwatch("front", "jpeg");
    connection.unwatch("other", "jpeg");
    expect(last().control.filter(({ type }) => type === "unwatch")).toHaveLength(1);
  });

  test("the server's clock is asked for at once, and again and again", () => {
    const questions = (): number => last().sent.filter((data) => String(data).includes('"time"')).length;
    expect(questions()).toBe(1);
    for (let i = 0; i < 10; i++) {
      last().tell({ type: "time", sent: now(), at: micros(now() + 3_000_000) });
      vi.advanceTimersByTime(1_000);
    }
    expect(questions()).toBeGreaterThan(5);
    expect(connection.clock.offsetMicros).toBeCloseTo(3_000_000, -4);
  });

  test.each([
    ["text that is no JSON", "{"],
    ["an unknown type", '{"type":"dance"}'],
    ["a message for recorders", '{"type":"demand","camera":"a","tracks":[]}'],
    ["a frame of nothing", new Uint8Array([1]).buffer],
    ["a frame of an unknown kind", new Uint8Array(20).buffer],
    ["a type that is an inherited name", '{"type":"constructor"}'],
  ])("%s closes the connection, and it comes back", (_, data) => {
    const socket = last();
    socket.say(data);
    expect(socket.closedWith).toBe(4400);
    expect(connection.link.reason).toMatch(/cannot read/);
    untilNext();
    last().accept();
    expect(connection.link.state).toBe("open");
  });

  test("silence is noticed, and ends the connection", () => {
    last().tell({ type: "time", sent: now(), at: now() });
    const socket = last();
    vi.advanceTimersByTime(9_000);
    expect(socket.closedWith).toBe(4408);
    expect(sockets.length).toBeGreaterThan(1);
  });

  test("frames alone prove that the server is there", () => {
    for (let i = 0; i < 30; i++) {
      last().say(Frame.encode(FRAME).buffer);
      vi.advanceTimersByTime(500);
    }
    expect(connection.link.state).toBe("open");
    expect(sockets).toHaveLength(1);
  });

  test("a late timer (machine asleep, page throttled) is not the server's silence", () => {
    const socket = last();
    vi.advanceTimersByTime(200); // a question is open
    leap(3_600_000);
    vi.advanceTimersByTime(1_000); // the timer fires, an hour late, before any message could
    expect(socket.closedWith).toBeUndefined();
    vi.advanceTimersByTime(6_000); // but now there is silence
    expect(socket.closedWith).toBe(4408);
  });

  test("what comes after a long sleep does not make it wait for longer than twice as long", () => {
    connection.watch("front", "jpeg", 2);
    last().say(Frame.encode(FRAME).buffer);
    vi.advanceTimersByTime(1_000);
    leap(3_600_000);
    last().tell({ type: "time", sent: now(), at: now() });
    vi.advanceTimersByTime(1_000);
    const socket = last();
    vi.advanceTimersByTime(13_000);
    expect(socket.closedWith).toBe(4408);
  });
});

describe("coming back", () => {
  test("everything that is still watched is watched again", () => {
    last().accept();
    connection.watch("front", "jpeg", 2);
    connection.watch("back", "jpeg", 2);
    connection.unwatch("back", "jpeg");
    last().end(1006);
    expect(connection.link).toMatchObject({ state: "lost", reason: "The server does not answer" });
    untilNext();
    last().accept();
    expect(last().control).toEqual([
      { type: "list" },
      { type: "watch", camera: "front", track: "jpeg", window: 2 },
    ]);
  });

  test("waits grow from a quarter of a second to two", () => {
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      last().end(1006);
      waits.push(untilNext());
    }
    expect(waits[0]).toBeLessThanOrEqual(260);
    expect(waits[1]).toBeGreaterThan(waits[0]!);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2_010);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(1_490);
  });

  test("a server that says it stops is asked again soon", () => {
    for (let i = 0; i < 4; i++) {
      last().end(1006);
      untilNext();
    }
    last().accept();
    last().end(1001, "");
    expect(connection.link.reason).toBe("The server is restarting");
    expect(untilNext()).toBeLessThanOrEqual(260);
  });

  test("a server that refuses is not asked faster and faster", () => {
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      last().accept();
      last().end(4429, "slow down");
      waits.push(untilNext());
    }
    expect(connection.link.reason).toBe("The server refused a flood of messages (slow down)");
    expect(waits.at(-1)).toBeGreaterThanOrEqual(1_490);
  });

  test("the state stays lost, since the first loss, until the server answers", () => {
    last().accept();
    last().end(1006);
    const since = connection.link.sinceMs;
    untilNext();
    last().end(1006);
    untilNext();
    expect(connection.link).toMatchObject({ state: "lost", sinceMs: since });
  });

  test("nobody looks: it waits longer. Somebody looks again: it tries at once", () => {
    connection.visible = false;
    for (let i = 0; i < 9; i++) {
      last().end(1006);
      untilNext();
    }
    last().end(1006);
    expect(untilNext()).toBeGreaterThan(20_000);
    last().end(1006);
    const count = sockets.length;
    connection.visible = true;
    expect(sockets).toHaveLength(count + 1);
  });

  test("closed is closed", () => {
    last().accept();
    const socket = last();
    connection.close();
    connection.close();
    connection.retry();
    vi.advanceTimersByTime(60_000);
    expect(socket.closedWith).toBe(1000);
    expect(sockets).toHaveLength(1);
    expect(connection.link.state).toBe("closed");
  });

  test("what is sent while the connection is lost goes nowhere", () => {
    last().end(1006);
    connection.acknowledge({ track: 1, sequence: 1, windowFrames: 1 });
    connection.unwatch("front", "jpeg");
    expect(last().sent).toEqual([]);
  });
});
