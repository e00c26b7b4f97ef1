import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { MemoryBus } from "../bus/index.ts";
import { Ack, Control, Frame, Limits, type Micros, Packets } from "../protocol/index.ts";
import { type RunningMapper, run } from "./mapper.ts";

const INFO = {
  id: "front",
  name: "front",
  source: "test:",
  state: "live",
  since: 1 as Micros,
  tracks: [{ name: "jpeg", codec: "jpeg" }],
} as const;

/** A peer that says whatever bytes it likes. */
class RawPeer {
  readonly messages: Control.Control[] = [];
  readonly frames: Frame.Frame[] = [];
  closed = false;
  readonly #socket: Socket;
  readonly #splitter = new Packets.Splitter();

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on("data", (chunk) => {
      for (const body of this.#splitter.push(chunk)) {
        if (body[0] === Frame.FRAME_KIND) this.frames.push(Frame.decode(body));
        else this.messages.push(Control.decode(Buffer.from(body).toString()));
      }
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.closed = true;
    });
  }

  bytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }
  tell(message: Control.Control): void {
    this.bytes(Packets.join(Buffer.from(Control.encode(message))));
  }
  send(frame: Frame.Frame): void {
    this.bytes(Packets.join(Frame.encode(frame)));
  }
  pause(): void {
    this.#socket.pause();
  }
  end(): void {
    this.#socket.destroy();
  }
  get bye(): Control.Bye | undefined {
    return this.messages.find((message): message is Control.Bye => message.type === "bye");
  }
}

describe("a mapper", () => {
  let folder: string;
  let path: string;
  let controller: AbortController;
  let running: RunningMapper;
  let bus: MemoryBus;
  const warnings: string[] = [];
  const peers: RawPeer[] = [];
  const start = async (): Promise<RunningMapper> => {
    controller = new AbortController();
    bus = new MemoryBus();
    const log = { warn: (message: string) => warnings.push(message) };
    return run({ address: { kind: "path", path }, bus, log, signal: controller.signal });
  };
  const join_ = (greet = true): RawPeer => {
    const peer = new RawPeer(path);
    peers.push(peer);
    if (greet) peer.tell({ type: "hello", version: 1 });
    return peer;
  };
  const frame = (track: number, sequence: number, bytes = 100): Frame.Frame => ({
    track,
    sequence,
    capturedAt: 1 as Micros,
    keyframe: true,
    discardable: false,
    layer: 0,
    payload: new Uint8Array(bytes).fill(7),
  });
  /** A recorder that has its number. */
  const recorder = async (): Promise<{ peer: RawPeer; number: number }> => {
    const peer = join_();
    peer.tell({ type: "camera", camera: INFO });
    await eventually(() => expect(peer.messages.some(({ type }) => type === "published")).toBe(true));
    const published = peer.messages.find((m): m is Control.Published => m.type === "published");
    return { peer, number: published?.tracks[0]?.number ?? 0 };
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "hello-mapper-"));
    path = join(folder, "deep", "mapper.sock");
    warnings.length = 0;
    running = await start();
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.end();
    controller.abort();
    await running.stopped;
    rmSync(folder, { recursive: true });
  });

  test("has a socket that nobody else can open", () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "deep")).mode & 0o777).toBe(0o700);
  });

  test("carries a frame from a recorder to a receiver, against its credit", async () => {
    const { peer, number } = await recorder();
    const receiver = join_();
    receiver.tell({ type: "watch", camera: "front", track: "jpeg", window: 1 });
    await eventually(() => expect(receiver.messages.some(({ type }) => type === "watching")).toBe(true));
    await eventually(() =>
      expect(peer.messages.at(-1)).toEqual({ type: "demand", camera: "front", tracks: ["jpeg"] }),
    );
    peer.send(frame(number, 1));
    await eventually(() => expect(receiver.frames.map(({ sequence }) => sequence)).toEqual([1]));
    peer.send(frame(number, 2));
    peer.send(frame(number, 3));
    await eventually(() => expect(bus.figures("front")[0]?.newest?.sequence).toBe(3));
    receiver.bytes(Packets.join(Ack.encode({ track: number, sequence: 1, windowFrames: 1 })));
    await eventually(() => expect(receiver.frames.map(({ sequence }) => sequence)).toEqual([1, 3]));
  });

  test("lists a camera no longer when a program that does not feed it says so, and nobody does", async () => {
    const { peer } = await recorder();
    const other = join_();
    other.tell({ type: "list" });
    other.tell({ type: "removed", camera: "front" });
    other.tell({ type: "removed", camera: "never-seen" });
    other.tell({ type: "time", sent: 1 });
    await eventually(() => expect(other.messages.at(-1)?.type).toBe("time"));
    expect(bus.camera("front")?.state).toBe("live");
    peer.end();
    await eventually(() => expect(bus.camera("front")?.state).toBe("gone"));
    other.tell({ type: "removed", camera: "front" });
    await eventually(() => expect(other.messages.at(-1)).toEqual({ type: "removed", camera: "front" }));
    expect(bus.cameras()).toEqual([]);
  });

  const whole = (body: Uint8Array): Uint8Array => Packets.join(body);
  const text = (json: string): Uint8Array => whole(Buffer.from(json));
  test.each<[string, Uint8Array, string]>([
    ["an unknown kind", whole(Uint8Array.of(9, 9, 9)), "HW_MALFORMED"],
    ["a frame shorter than its envelope", whole(Uint8Array.of(1, 1, 0)), "HW_MALFORMED"],
    ["broken JSON", text('{"type":'), "HW_MALFORMED"],
    ["a length over the limit", Uint8Array.of(0xff, 0xff, 0xff, 0xff), "HW_TOO_LARGE"],
    [
      "a control message over its limit",
      text(`{"x":"${"y".repeat(Limits.MAX_CONTROL_BYTES)}"}`),
      "HW_TOO_LARGE",
    ],
    [
      "a message that only a mapper sends",
      text('{"type":"demand","camera":"a","tracks":[]}'),
      "HW_UNEXPECTED",
    ],
    ["another version", text('{"type":"hello","version":2}'), "HW_VERSION"],
    ["a frame of a number that is not its own", whole(Frame.encode(frame(4242, 1))), "HW_UNEXPECTED"],
  ])("closes a peer that sends %s, says why, and serves the others", async (_, bytes, code) => {
    const { peer, number } = await recorder();
    const bad = join_();
    bad.bytes(bytes);
    await eventually(() => expect(bad.closed).toBe(true));
    expect(bad.bye?.code).toBe(code);
    expect(warnings).toHaveLength(1);
    peer.send(frame(number, 1));
    await eventually(() => expect(bus.figures("front")[0]?.newest?.sequence).toBe(1));
    expect(peer.closed).toBe(false);
  });

  test("closes a peer that speaks before hello", async () => {
    const rude = join_(false);
    rude.tell({ type: "list" });
    await eventually(() => expect(rude.bye?.code).toBe("HW_UNEXPECTED"));
  });

  test("does not take a server for one viewer: it asks for all of its own", async () => {
    const server = join_();
    // More than a viewer may say at once, and more tracks than it may watch.
    for (let n = 0; n < Limits.MESSAGE_BURST; n++) {
      server.tell({ type: "watch", camera: "front", track: "jpeg", window: 2 });
      server.tell({ type: "unwatch", camera: "front", track: "jpeg" });
    }
    for (let n = 0; n <= Limits.MAX_WATCHES; n++) {
      server.tell({ type: "watch", camera: `c${n}`, track: "jpeg", window: 2 });
    }
    server.tell({ type: "time", sent: 1 });
    await eventually(() => expect(server.messages.some(({ type }) => type === "time")).toBe(true));
    expect(server.bye).toBeUndefined();
  });

  test("closes a receiver that watches more than the limit", async () => {
    const greedy = join_();
    const watches = Array.from({ length: Limits.MAX_PROGRAM_WATCHES + 1 }, (_, n) =>
      Control.encode({ type: "watch", camera: `c${n}`, track: "jpeg", window: 1 }),
    );
    greedy.bytes(Buffer.concat(watches.map((watch) => Packets.join(Buffer.from(watch)))));
    await vi.waitFor(() => expect(greedy.bye?.code).toBe("HW_TOO_MANY"), { timeout: 15_000, interval: 5 });
    expect(bus.figures("c0")).toEqual([]);
  });

  test("a receiver that never reads costs the others nothing", async () => {
    const { peer, number } = await recorder();
    const [stalled, healthy] = [join_(), join_()];
    for (const receiver of [stalled, healthy]) {
      receiver.tell({ type: "watch", camera: "front", track: "jpeg", window: Limits.MAX_WINDOW_FRAMES });
      await eventually(() => expect(receiver.messages.some(({ type }) => type === "watching")).toBe(true));
    }
    stalled.pause();
    for (let sequence = 1; sequence <= 40; sequence++) {
      peer.send(frame(number, sequence, 1_000_000));
      await eventually(() => expect(healthy.frames.at(-1)?.sequence).toBe(sequence));
      healthy.bytes(Packets.join(Ack.encode({ track: number, sequence, windowFrames: 8 })));
    }
    expect(healthy.frames).toHaveLength(40);
    expect(stalled.frames.length).toBeLessThan(5);
  });

  test("takes over the socket that a killed mapper left, never one that answers, never a file", async () => {
    const again = run({
      address: { kind: "path", path },
      bus,
      log: { warn: () => {} },
      signal: controller.signal,
    });
    await expect(again).rejects.toThrow(/another mapper is listening/);
    const stale = join(folder, "stale.sock");
    const child = createServer().listen(stale);
    await new Promise((resolve) => child.once("listening", resolve));
    // Closed without removing its file, as a killed process leaves it.
    const { renameSync } = await import("node:fs");
    renameSync(stale, `${stale}.kept`);
    await new Promise((resolve) => child.close(resolve));
    renameSync(`${stale}.kept`, stale);
    const second = new AbortController();
    const taken = await run({
      address: { kind: "path", path: stale },
      bus: new MemoryBus(),
      log: { warn: () => {} },
      signal: second.signal,
    });
    second.abort();
    await taken.stopped;
    const file = join(folder, "file");
    writeFileSync(file, "precious");
    const onFile = run({
      address: { kind: "path", path: file },
      bus,
      log: { warn: () => {} },
      signal: controller.signal,
    });
    await expect(onFile).rejects.toThrow(/is no socket/);
    mkdirSync(join(folder, "x"));
  });

  test("tells its peers when it stops", async () => {
    const peer = join_();
    await eventually(() => expect(peer.messages).toHaveLength(1));
    controller.abort();
    await running.stopped;
    await eventually(() => expect(peer.bye?.code).toBe("HW_CLOSING"));
  });
});
