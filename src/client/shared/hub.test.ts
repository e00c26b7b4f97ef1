import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeTab, FRONT, MemoryServer, ServerSocket, Wire } from "../../../test/support/shared-tabs.ts";
import { Hub } from "./hub.ts";

let wire: Wire;
let server: MemoryServer;
let hub: Hub;

beforeEach(() => {
  vi.useFakeTimers();
  wire = new Wire();
  server = new MemoryServer(wire);
  hub = new Hub(() => new ServerSocket(server));
});

afterEach(() => vi.useRealTimers());

const tab = (): FakeTab => new FakeTab(hub, wire);

describe("tabs of one browser", () => {
  test("share one connection, and each track comes once", () => {
    const [one, two] = [tab().watch(), tab().watch()];
    const sent = server.publish();
    expect(server.open).toHaveLength(1);
    expect(server.bus.figures("front")[0]).toMatchObject({ track: "jpeg", subscribers: 1 });
    expect(one.sequences).toEqual([sent]);
    expect(two.sequences).toEqual([sent]);
  });

  test("hear of the cameras, whoever came first", () => {
    const one = tab();
    one.say({ type: "list" });
    server.publication.update({ ...FRONT, name: "Door" });
    wire.settle();
    const two = tab();
    two.say({ type: "list" });
    expect(one.control.at(-1)).toMatchObject({ type: "camera", camera: { name: "Door" } });
    expect(two.control.at(-1)).toMatchObject({ type: "cameras", cameras: [{ name: "Door" }] });
  });

  test("that ask before the directory is known are not told that there is none", () => {
    const early = new FakeTab(new Hub(() => new ServerSocket(server)), {
      send: (arrive) => wire.send(arrive),
      settle: () => {},
    } as Wire);
    early.say({ type: "list" });
    wire.settle();
    expect(early.control.filter(({ type }) => type === "cameras")).toMatchObject([
      { cameras: [{ id: "front" }] },
    ]);
  });

  test("are answered by the server what time it is, each its own question", () => {
    const [one, two] = [tab(), tab()];
    two.say({ type: "time", sent: 7 });
    one.say({ type: "time", sent: 8 });
    expect(one.control.at(-1)).toMatchObject({ type: "time", sent: 8, at: expect.any(Number) });
    expect(two.control.at(-1)).toMatchObject({ type: "time", sent: 7 });
    expect(one.control.filter(({ type }) => type === "time")).toHaveLength(1);
  });

  test("of different servers have different connections", () => {
    tab();
    new FakeTab(hub, wire, "ws://other/ws");
    expect(server.open).toHaveLength(2);
  });
});

describe("a slow tab", () => {
  test("is sent no more than its window, and slows nobody", () => {
    const [fast, slow] = [tab().watch(), tab().watch()];
    slow.paints = false;
    const sent = Array.from({ length: 20 }, () => server.publish());
    expect(fast.sequences).toEqual(sent);
    expect(slow.sequences).toEqual(sent.slice(0, 1));
    // The newest then, not what it missed.
    slow.paint();
    expect(slow.sequences).toEqual([sent[0], sent.at(-1)]);
  });

  test("that leads is overtaken when it freezes", () => {
    const [one, two] = [tab().watch("jpeg", 4), tab().watch()];
    server.publish();
    one.paints = false;
    const sent = Array.from({ length: 20 }, () => server.publish());
    expect(two.sequences.slice(-20)).toEqual(sent);
  });

  test("alone is sent what it has credit for, and its server sends no more than is on the way", () => {
    const only = tab().watch();
    only.paints = false;
    const sent = Array.from({ length: 20 }, () => server.publish());
    expect(only.sequences).toEqual(sent.slice(0, 1));
    only.paint();
    only.paint();
    expect(only.sequences).toEqual([sent[0], sent[1], sent.at(-1)]);
  });

  test("for which the server leaves out what no other frame needs goes on behind the hole", () => {
    const only = tab().watch("h264");
    only.paints = false;
    server.publish("h264");
    server.publish("h264", false, true);
    const third = server.publish("h264", false);
    only.paint();
    expect(only.sequences).toEqual([1, third]);
  });

  test("of a track with deltas gives the group up, and goes on with the next keyframe when it is the only one left", () => {
    const [fast, slow] = [tab().watch("h264", 4), tab().watch("h264", 2)];
    slow.paints = false;
    server.publish("h264");
    for (let count = 0; count < 10; count++) server.publish("h264", false);
    fast.leave();
    // Behind by a second: what it still gets has to be decodable.
    slow.paints = true;
    slow.paint();
    for (let count = 0; count < 10; count++) server.publish("h264", false);
    expect(server.keyframes).toBeGreaterThan(0);
    const keyframe = server.publish("h264");
    expect(slow.sequences.at(-1)).toBe(keyframe);
    expect(slow.sequences.slice(0, -1)).toEqual(slow.sequences.slice(0, -1).map((_, index) => index + 1));
    const next = server.publish("h264", false);
    expect(slow.sequences.at(-1)).toBe(next);
  });
});

describe("a tab that comes later", () => {
  test("has a picture at once, of a track with deltas too", () => {
    const first = tab().watch("h264", 8);
    const sent = [server.publish("h264"), server.publish("h264", false), server.publish("h264", false)];
    const later = tab().watch("h264", 8);
    expect(later.sequences).toEqual(sent);
    expect(first.sequences).toEqual(sent);
  });

  test("is told the number that the frames carry, and the next one when the recorder has started again", () => {
    tab().watch();
    server.publish();
    const later = tab().watch();
    expect(later.number).toBe(later.frames.at(-1)?.track);
    server.publication.update({ ...FRONT, tracks: [] });
    server.publication.update(FRONT);
    wire.settle();
    const sent = server.publish();
    expect(later.sequences.at(-1)).toBe(sent);
    expect(later.number).toBe(later.frames.at(-1)?.track);
  });
});

describe("a tab that goes", () => {
  test("takes its demand with it, and the last one the connection", () => {
    const [one, two] = [tab().watch(), tab().watch("h264")];
    expect([...server.demand].sort()).toEqual(["h264", "jpeg"]);
    two.leave();
    expect([...server.demand]).toEqual(["jpeg"]);
    expect(two.left).toBe(true);
    one.leave();
    expect([...server.demand]).toEqual([]);
    expect(server.open).toEqual([]);
  });

  test("without a word is noticed by what the others say", () => {
    const [dead, alive] = [tab().watch(), tab()];
    vi.advanceTimersByTime(59_000);
    alive.say({ type: "time", sent: 1 });
    expect(dead.left).toBe(false);
    vi.advanceTimersByTime(2_000);
    alive.say({ type: "time", sent: 2 });
    expect(dead.closing).toMatchObject({ code: 4408 });
    expect([...server.demand]).toEqual([]);
    expect(alive.closing).toBeUndefined();
  });

  test("and breaks a rule is told so, and disturbs no other", () => {
    const [bad, good] = [tab().watch(), tab().watch()];
    bad.say({ type: "published", camera: "front", tracks: [] });
    expect(bad.closing).toMatchObject({ code: 1003 });
    const sent = server.publish();
    expect(good.sequences).toEqual([sent]);
  });
});

describe("the connection", () => {
  test("that ends ends for all tabs, in the server's words, and the next one is another", () => {
    const [one, two] = [tab().watch(), tab()];
    server.sockets[0]?.end(1001, "the server stops");
    expect(one.closing).toEqual({ code: 1001, reason: "the server stops" });
    expect(two.closing).toEqual({ code: 1001, reason: "the server stops" });
    const again = tab().watch();
    expect(again.sequences).toEqual([]);
    const sent = server.publish();
    expect(again.sequences).toEqual([sent]);
    expect(server.sockets).toHaveLength(2);
  });

  test("that no answer comes through is given up with the first tab that says so", () => {
    const [one, two] = [tab(), tab()];
    server.mute = true;
    one.say({ type: "time", sent: 1 });
    vi.advanceTimersByTime(5_000);
    one.say({ code: 4408, reason: "" });
    expect(two.closing).toMatchObject({ code: 1006 });
    expect(server.open).toEqual([]);
  });

  test("stays when only that tab was cut off", () => {
    const [one, two] = [tab(), tab()];
    vi.advanceTimersByTime(5_000);
    one.say({ code: 4408, reason: "" });
    expect(two.closing).toBeUndefined();
    expect(server.open).toHaveLength(1);
  });

  test("stays while frames come for another tab, whoever waits for an answer behind them", () => {
    const [one, two, three] = [tab(), tab().watch(), tab()];
    server.mute = true;
    one.say({ type: "time", sent: 1 });
    server.mute = false;
    for (let count = 0; count < 30; count++) {
      vi.advanceTimersByTime(1_000);
      server.publish();
    }
    one.say({ code: 4408, reason: "" });
    expect(two.closing).toBeUndefined();
    expect(server.open).toHaveLength(1);
    // Nobody has waited for long, so nothing is learnt from that.
    server.mute = true;
    vi.advanceTimersByTime(5_000);
    two.say({ code: 4408, reason: "" });
    expect(three.closing).toMatchObject({ code: 1006 });
  });

  test("to an address that cannot be one is refused with the reason", () => {
    const strict = new Hub(() => {
      throw new SyntaxError("no such address");
    });
    expect(new FakeTab(strict, wire, "nonsense").closing).toEqual({ code: 1006, reason: "no such address" });
  });
});

test("whatever tabs do, those that paint again get the newest picture, and nobody is sent more than their window", () => {
  const acts = fc.array(
    fc.oneof(
      fc.record({ act: fc.constant("publish" as const), keyframe: fc.boolean(), who: fc.constant(0) }),
      fc.record({
        act: fc.constantFrom("paint" as const, "freeze" as const, "thaw" as const, "leave" as const),
        keyframe: fc.constant(false),
        who: fc.nat(3),
      }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(fc.constantFrom("jpeg", "h264"), acts, (track, list) => {
      wire = new Wire();
      server = new MemoryServer(wire);
      hub = new Hub(() => new ServerSocket(server));
      const tabs = [1, 2, 3, 1].map((window) => tab().watch(track, window));
      server.publish(track);
      for (const { act, keyframe, who } of list) {
        const actor = tabs[who]!;
        if (act === "publish") server.publish(track, keyframe || track === "jpeg");
        else if (actor.left) continue;
        else if (act === "paint") actor.paint();
        else if (act === "leave") actor.leave();
        else actor.paints = act === "thaw";
        for (const frozen of tabs.filter(({ paints, left }) => !paints && !left)) {
          const before = frozen.frames.length;
          server.publish(track, track === "jpeg");
          expect(frozen.frames.length - before).toBeLessThanOrEqual(frozen.windowFrames);
        }
      }
      const left = tabs.filter((one) => !one.left);
      for (const one of left) {
        one.paints = true;
        one.paint();
      }
      vi.advanceTimersByTime(1_000);
      // Who waits for a keyframe gets this one.
      server.publish(track);
      const newest = server.publish(track, track === "jpeg");
      for (const one of left) expect(one.sequences.at(-1)).toBe(newest);
    }),
    { numRuns: 150 },
  );
});
