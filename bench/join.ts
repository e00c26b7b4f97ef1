/** How soon a newcomer in the middle of a group of pictures sees the first one, beside a newcomer to JPEG. */

import { once } from "node:events";
import type { Page } from "playwright-core";
import { WebSocket } from "ws";
import { Ack, Control, Frame } from "../src/protocol/index.ts";
import { openChromium } from "../test/browser/browsers.ts";
import { ms, save, table } from "./report.ts";
import { ours, RATE } from "./subject.ts";

const SOURCE = `test:1280x720@${RATE}`;

/** The newcomer comes when the newest keyframe is this old: the middle of a group of 10 s. */
const KEYFRAME_AGE_MS = 5_000;

/** Newcomers of each kind, by turns. */
const JOINS = 7;

/** Longest wait for a keyframe of that age. */
const PATIENCE_MS = 60_000;

interface Join {
  /** From the WebSocket's opening to the first picture on the canvas. */
  readonly openMs: number;
  /** From the start of the navigation: page, scripts and worker included. */
  readonly navigationMs: number;
  /** Frames that the newest keyframe had behind it. */
  readonly framesIntoGop: number;
}

/** Newcomers in headless Chromium, one after the other, on a warm browser. */
export async function join(options: { signal: AbortSignal }): Promise<string> {
  await using subject = await ours("test", SOURCE, options.signal);
  const watcher = await Watcher.open(subject.port);
  const browser = await openChromium();
  const joins = new Map<string, Join[]>([
    ["h264", []],
    ["jpeg", []],
  ]);
  try {
    // The first page of a browser compiles what the others find compiled.
    await joined(await browser.newPage(), subject.port, "h264");
    for (let n = 0; n < JOINS; n++) {
      for (const [track, found] of joins) {
        const framesIntoGop = await watcher.untilKeyframeIsOld();
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        found.push({ ...(await joined(page, subject.port, track)), framesIntoGop });
        await page.close();
      }
    }
  } finally {
    await browser.close();
    watcher.close();
  }
  save("join", Object.fromEntries(joins));
  const rows = [...joins].map(([track, found]) => [
    `\`${track}\``,
    track === "jpeg" ? "–" : `${median(found.map((join) => join.framesIntoGop))}`,
    ...[(join: Join) => join.openMs, (join: Join) => join.navigationMs].map((of) => {
      const times = found.map(of);
      return `${ms(median(times))} (most ${ms(Math.max(...times))})`;
    }),
  ]);
  const columns = [
    "track",
    "frames behind the keyframe",
    "WebSocket open to painted",
    "navigation to painted",
  ];
  return table(`A newcomer's first picture, ${SOURCE}, Chromium, median of ${JOINS}`, columns, rows);
}

/** Open the page and wait for its first picture. */
async function joined(page: Page, port: number, track: string): Promise<Omit<Join, "framesIntoGop">> {
  // On the page's own thread both instants are on one clock.
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, "OffscreenCanvas");
    Reflect.deleteProperty(globalThis, "SharedWorker");
    const times: { open?: number; painted?: number } = {};
    Object.assign(globalThis, { times });
    const Plain = globalThis.WebSocket;
    globalThis.WebSocket = class extends Plain {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener("open", () => {
          times.open ??= performance.now();
        });
      }
    };
    addEventListener(
      "statechange",
      (event) => {
        const { state } = (event as CustomEvent<{ state: string }>).detail;
        if (state === "live") times.painted ??= performance.now();
      },
      true,
    );
  });
  await page.goto(`http://127.0.0.1:${port}/?track=${track}`);
  const times = await page.waitForFunction(() => {
    const { open, painted } = (globalThis as unknown as { times: { open?: number; painted?: number } }).times;
    return open !== undefined && painted !== undefined ? { open, painted } : undefined;
  });
  const { open, painted } = (await times.jsonValue()) as { open: number; painted: number };
  return { openMs: painted - open, navigationMs: painted };
}

/** A viewer that was there before: it keeps the encoder at work, and knows how old the newest keyframe is. */
class Watcher {
  readonly #socket: WebSocket;
  #keyframeAtMs: number | undefined;
  #framesSince = 0;

  static async open(port: number): Promise<Watcher> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, Control.SUBPROTOCOL);
    const watcher = new Watcher(socket);
    await once(socket, "open");
    socket.send(Control.encode({ type: "watch", camera: "test", track: "h264", window: 8 }));
    return watcher;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      const { track, sequence, keyframe } = Frame.decode(data);
      if (keyframe) this.#keyframeAtMs = performance.now();
      this.#framesSince = keyframe ? 0 : this.#framesSince + 1;
      socket.send(Ack.encode({ track, sequence, windowFrames: 8 }));
    });
  }

  /** Resolves when the newest keyframe is {@link KEYFRAME_AGE_MS} old, with how many frames came since. */
  async untilKeyframeIsOld(): Promise<number> {
    const startMs = performance.now();
    for (;;) {
      const ageMs = performance.now() - (this.#keyframeAtMs ?? Number.NaN);
      if (ageMs >= KEYFRAME_AGE_MS && ageMs < KEYFRAME_AGE_MS + 500) return this.#framesSince;
      if (performance.now() - startMs > PATIENCE_MS) throw new Error("no keyframe came to that age");
      await once(this.#socket, "message");
    }
  }

  close(): void {
    this.#socket.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
