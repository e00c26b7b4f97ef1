import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeSocket } from "../../../test/support/fake-socket.ts";
import { Control, Frame, now } from "../../protocol/index.ts";
import { Patience } from "../patience.ts";
import { Pace } from "./pace.ts";
import { Uplink, type UplinkUser } from "./uplink.ts";

const NUMBER = 7;

let socket: FakeSocket;
let uplink: Uplink;
let user: UplinkUser;
let sequence = 0;

/** A frame comes. What the hub takes the way to the server for then, in ms: the window is sized by it. */
function frame(): number | undefined {
  const arrived = vi.spyOn(Pace.prototype, "arrived");
  sequence++;
  const facts = {
    track: NUMBER,
    sequence,
    capturedAt: now(),
    keyframe: true,
    discardable: false,
    layer: 0,
  };
  socket.say(Frame.encode({ ...facts, payload: new Uint8Array(1) }).slice().buffer);
  return arrived.mock.lastCall?.[1];
}

/** All questions until now are answered. */
function answer(): void {
  for (const data of socket.sent.splice(0)) {
    const message = typeof data === "string" ? Control.decode(data) : undefined;
    if (message?.type === "time") socket.tell({ ...message, at: now() });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  uplink = new Uplink("ws://hub/ws", () => socket, new Patience());
  const nothing = (): void => {};
  user = { silentMs: 0, greeted: nothing, listed: nothing, told: nothing, ended: nothing };
  uplink.join(user);
  socket.accept();
  vi.advanceTimersByTime(20);
  answer();
  uplink.subscribe("front", "jpeg", { frame: nothing, renumbered: nothing });
  socket.tell({ type: "watching", camera: "front", track: "jpeg", number: NUMBER });
});

afterEach(() => {
  uplink.drop(1000, "");
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the way to the server", () => {
  test("is no longer for answers that stand behind frames", () => {
    expect(frame()).toBe(20);
    for (let count = 0; count < 20; count++) {
      uplink.ask(user, now());
      vi.advanceTimersByTime(2_900);
      frame();
      answer();
    }
    expect(frame()).toBeGreaterThan(20);
    expect(frame()).toBeLessThan(200);
  });

  test("that has got longer is seen by the first answer that no frame came before", () => {
    frame();
    for (let count = 0; count < 10; count++) {
      vi.advanceTimersByTime(2_000);
      uplink.ask(user, now());
      vi.advanceTimersByTime(900);
      answer();
      frame();
    }
    expect(frame()).toBe(900);
  });
});
