import type { Browser, Page } from "playwright-core";
import type { Camera } from "./camera.ts";
import { onPath } from "./on-path.ts";
import type { OpenViewer, Place, Shown, Viewer } from "./viewer.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** How often the pictures that the page has painted are fetched, in ms. Their times are the page's own. */
const FETCH_EVERY_MS = 200;

/** A picture as the page saw it. */
interface Seen {
  /** ms since the epoch. */
  readonly atMs: number;
  /** The number in the picture's own strip: its sequence. */
  readonly sequence: number;
  readonly track: string;
}

/** Where a page is, and whose pictures it shows. */
export interface Watched {
  readonly path: string;
  readonly camera: Camera;
  /** Ends the browser, also while it still waits for the page. */
  readonly signal: AbortSignal;
}

/** Whether there is what a Chromium viewer needs; else what is missing, in one sentence. */
export async function chromiumRefusal(): Promise<string | undefined> {
  if (chromiumPath() === undefined) {
    return `no ${NAMES.join(", ")} is on the path: install one, or name it in CHROMIUM`;
  }
  try {
    await import("playwright-core");
    return undefined;
  } catch {
    return "playwright-core is not there: run `npm install playwright-core`";
  }
}

/**
 * A viewer with a screen: the page in a headless Chromium. Which picture it shows is read from the pixels, so the age is
 * that of what somebody would see, whatever the page says of itself.
 */
export function watchInChromium(watched: Watched): OpenViewer {
  return (place, shown) => ChromiumViewer.open(place, watched, shown);
}

class ChromiumViewer implements Viewer {
  readonly #close: () => Promise<void>;
  readonly #page: Page;
  readonly #seen: (picture: Seen) => void;
  readonly #timer: NodeJS.Timeout;
  #failure: string | undefined;
  #fetching: Promise<void> | undefined;

  static async open(
    { host, port, token }: Place,
    watched: Watched,
    shown: (picture: Shown) => void,
  ): Promise<ChromiumViewer> {
    const origin = `http://${host}:${port}`;
    // WebCodecs need a secure origin, which loopback is by itself.
    const browser = await launch([`--unsafely-treat-insecure-origin-as-secure=${origin}`]);
    const { signal } = watched;
    let closing: Promise<void> | undefined;
    // Whoever asks again waits for the same end: its profile is removed last.
    const close = (): Promise<void> => {
      closing ??= browser.close();
      return closing;
    };
    // Else the end would wait for a page that does not come, for as long as a browser does.
    signal.addEventListener("abort", () => void close().catch(() => {}), { once: true });
    try {
      signal.throwIfAborted();
      const page = await browser.newPage();
      // The link with the token leads to the first page; the browser keeps what opens all others.
      if (token !== undefined) await page.goto(`${origin}/healthz?token=${token}`);
      await page.goto(`${origin}${watched.path}`, { waitUntil: "domcontentloaded" });
      await page.evaluate(OBSERVE);
      return new ChromiumViewer(close, page, (seen) => {
        const { atMs, sequence, track } = seen;
        const capturedAt = watched.camera.captureOf(sequence, atMs * 1000);
        // A number that no picture has was read before the first, or while one changed to another size.
        if (capturedAt === undefined) return;
        shown({ capturedAt, shownAt: atMs * 1000, sequence, track });
      });
    } catch (error) {
      await close();
      throw error;
    }
  }

  private constructor(close: () => Promise<void>, page: Page, seen: (picture: Seen) => void) {
    this.#close = close;
    this.#page = page;
    this.#seen = seen;
    this.#timer = setInterval(() => void this.#fetch(), FETCH_EVERY_MS);
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#close();
  }

  async catchUp(): Promise<void> {
    // What is on its way was fetched too early.
    await this.#fetching;
    await this.#fetch();
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#collect().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #collect(): Promise<void> {
    try {
      for (const seen of await this.#page.evaluate(collect)) this.#seen(seen);
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }
}

async function launch(args: readonly string[]): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  const executablePath = chromiumPath();
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    // Its own handlers end this process as soon as the browser is gone, before servers, namespaces and folders are.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    // No sandbox: a lab often runs as root. The rest keeps the browser from calling home.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
  });
}

function chromiumPath(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  return NAMES.map(onPath).find((file) => file !== undefined);
}

// These run in the page, so they stand alone. The strip is described in recorder/counter-strip.ts. In a smaller track it is scaled
// with the rest, so it is read where its middle is in any size: of 720 rows it has the last 16.

const READ_STRIP = `(context, shown, width, height) => {
  context.drawImage(shown, 0, Math.floor(height * (1 - 1 / 90)), width, 1, 0, 0, width, 1);
  const row = context.getImageData(0, 0, width, 1).data;
  let number = 0;
  for (let bit = 0; bit < 32; bit++) {
    number = number * 2 + (row[Math.floor(((bit + 0.5) * width) / 32) * 4] > 127 ? 1 : 0);
  }
  return number;
}`;

const CANVAS = `(width) => {
  const copy = document.createElement("canvas");
  copy.width = width;
  copy.height = 1;
  return copy.getContext("2d", { willReadFrequently: true });
}`;

const OBSERVE = `(() => {
  const seen = (globalThis.labSeen = []);
  const readStrip = ${READ_STRIP};
  const context = (${CANVAS})(64);
  let last = -1;
  const look = () => {
    requestAnimationFrame(look);
    const element = document.querySelector("hello-camera");
    const root = element?.shadowRoot;
    const video = element?.dataset.decoder === "mse" ? root.querySelector("video") : undefined;
    const shown = video ?? root?.querySelector("canvas");
    const width = video?.videoWidth ?? shown?.width ?? 0;
    const height = video?.videoHeight ?? shown?.height ?? 0;
    if (width < 64) return;
    if (context.canvas.width !== width) context.canvas.width = width;
    const sequence = readStrip(context, shown, width, height);
    if (sequence === last) return;
    last = sequence;
    const track = element.stats?.way?.track ?? "unknown";
    seen.push({ atMs: performance.timeOrigin + performance.now(), sequence, track });
  };
  look();
})()`;

const collect: () => Seen[] = () => (globalThis as unknown as { labSeen: Seen[] }).labSeen.splice(0);
