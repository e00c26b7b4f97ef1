import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { LAN_NAME, openChromium } from "./browsers.ts";
import { PATIENCE, stats, untilMoved, untilState } from "./view.ts";

const CAMERAS = ["attic", "barn", "cellar", "door"];

let program: Program;
let browser: Browser;
/** One browser's profile: its tabs know of each other. */
let context: BrowserContext;
let address: string;
const complaints: string[] = [];

beforeAll(async () => {
  const cameras = CAMERAS.flatMap((id) => ["--camera", `${id}=test:1280x720@10`]);
  program = await Program.start(["up", "--port", "0", ...cameras]);
  address = program.firstLine;
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
});

afterEach(async () => {
  await context.close();
  await expect.poll(connections, PATIENCE).toBe(0);
  expect(complaints.splice(0)).toEqual([]);
});

async function open(hash = "", prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await prepare?.(page);
  await page.goto(`${address}/${hash}`);
  return page;
}

/** WebSockets that the server has. */
async function connections(): Promise<number> {
  const response = await fetch(`${address}/healthz`);
  return ((await response.json()) as { viewers: number }).viewers;
}

/** Cameras that somebody watches. */
async function watched(): Promise<string[]> {
  const facts = await Promise.all(
    CAMERAS.map(async (id) => {
      const response = await fetch(`${address}/cameras/${id}`);
      const { tracks } = (await response.json()) as { tracks: readonly { viewers: number }[] };
      return tracks.some(({ viewers }) => viewers > 0) ? [id] : [];
    }),
  );
  return facts.flat();
}

async function untilWatched(...ids: readonly string[]): Promise<void> {
  await expect.poll(watched, PATIENCE).toEqual(ids);
}

/** The camera that the keyboard is at. */
async function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.closest("hello-camera")?.getAttribute("camera"));
}

function shown(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("hello-camera:not([hidden])")].map(
      (tile) => tile.getAttribute("camera") ?? "",
    ),
  );
}

describe("one connection", () => {
  test("carries all cameras of all tabs", async () => {
    const [one, two] = [await open(), await open()];
    for (const page of [one, two]) for (const id of CAMERAS) await untilMoved(page, id);
    expect(await connections()).toBe(1);
  });

  test("a tab that is closed asks for nothing any more, the other one goes on", async () => {
    const [one, two] = [await open("#attic"), await open("#barn")];
    await untilMoved(one, "attic");
    await untilMoved(two, "barn");
    await untilWatched("attic", "barn");
    await two.close();
    await untilWatched("attic");
    await untilMoved(one, "attic");
    expect(await connections()).toBe(1);
  });

  test("a tab that crashes asks for nothing any more either", async () => {
    const [one, two] = [await open("#attic"), await open("#barn")];
    await untilWatched("attic", "barn");
    const crashed = new Promise((resolve) => two.once("crash", resolve));
    // The browser waits in vain for the answer of a page that is no more.
    two.goto("chrome://crash").catch(() => undefined);
    await crashed;
    await untilWatched("attic");
    await untilMoved(one, "attic");
  });

  test("comes back for all tabs when the server was away", async () => {
    const [one, two] = [await open("#attic"), await open("#barn")];
    await untilMoved(one, "attic");
    await untilMoved(two, "barn");
    program.hang(true);
    try {
      await untilState(one, "lost", "attic");
      await untilState(two, "lost", "barn");
    } finally {
      program.hang(false);
    }
    await untilMoved(one, "attic");
    await untilMoved(two, "barn");
    await expect.poll(connections, PATIENCE).toBe(1);
  });

  test.each([
    ["has no shared workers", "delete globalThis.SharedWorker"],
    [
      "cannot load one",
      "globalThis.SharedWorker = class extends SharedWorker { constructor(url, name) { super(`${url}.missing`, name); } }",
    ],
    [
      "forbids them",
      "globalThis.SharedWorker = class { constructor() { throw new DOMException('no', 'SecurityError'); } }",
    ],
  ])("a browser that %s has one per tab", async (_, script) => {
    const pages = [
      await open("", (page) => page.addInitScript(script)),
      await open("", (page) => page.addInitScript(script)),
    ];
    for (const page of pages) await untilMoved(page, "door");
    expect(await connections()).toBe(2);
    // That there is no such script is said on the console.
    complaints.splice(0);
  });
});

describe("demand", () => {
  test("a tile asks for no more than its pixels can show, the enlarged one for itself alone", async () => {
    const page = await open();
    await untilWatched(...CAMERAS);
    for (const id of CAMERAS) await untilMoved(page, id);
    await expect.poll(async () => (await stats(page, "barn"))?.width, PATIENCE).toBeLessThan(1280);
    await page.locator('hello-camera[camera="barn"]').click({ position: { x: 120, y: 90 } });
    await untilWatched("barn");
    expect((await stats(page, "attic"))?.state).toBe("paused");
    await page.keyboard.press("Escape");
    await untilWatched(...CAMERAS);
    await untilMoved(page, "attic");
  });

  test("a tile that is scrolled out of sight asks for nothing", async () => {
    const page = await open();
    await page.setViewportSize({ width: 320, height: 420 });
    await untilMoved(page, "attic");
    await expect.poll(async () => (await watched()).includes("door"), PATIENCE).toBe(false);
    await page.locator('hello-camera[camera="door"]').scrollIntoViewIfNeeded();
    await untilMoved(page, "door");
    await expect.poll(async () => (await watched()).includes("attic"), PATIENCE).toBe(false);
  });
});

describe("the keyboard", () => {
  test("leads from tile to tile, into one, on to the next, and back", async () => {
    const page = await open();
    await untilState(page, "live", "attic");
    await page.keyboard.press("ArrowRight");
    expect(await focused(page)).toBe("attic");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toBe("door");
    await page.keyboard.press("Enter");
    await expect.poll(() => shown(page), PATIENCE).toEqual(["door"]);
    expect(new URL(page.url()).hash).toBe("#door");
    expect(await page.title()).toBe("door – hello-websocket");
    await page.keyboard.press("ArrowLeft");
    expect(await shown(page)).toEqual(["cellar"]);
    await page.keyboard.press("Escape");
    expect(await shown(page)).toEqual(CAMERAS);
    expect(await focused(page)).toBe("cellar");
    expect(new URL(page.url()).hash).toBe("");
    await page.keyboard.press("2");
    await expect.poll(() => shown(page), PATIENCE).toEqual(["barn"]);
    await page.goBack();
    await expect.poll(() => shown(page), PATIENCE).toEqual(CAMERAS);
  });

  test("a tile takes one stop of the tab key, the one that was left last", async () => {
    const page = await open();
    await untilState(page, "live", "attic");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await page.locator("hello-camera a[tabindex='0']").innerText()).toBe("barn");
    expect(await page.locator("hello-camera a[tabindex='-1']").count()).toBe(CAMERAS.length - 1);
  });

  test("a question mark says what the keys do, and keys mean nothing meanwhile", async () => {
    const page = await open();
    await untilState(page, "live", "attic");
    await page.keyboard.press("?");
    expect(await page.getByRole("dialog", { name: "Keys" }).isVisible()).toBe(true);
    await page.keyboard.press("1");
    expect(await shown(page)).toEqual(CAMERAS);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").isVisible(), PATIENCE).toBe(false);
  });
});

test("on plain http, where no lock tells of the end of a page, the page says it itself", async () => {
  const token = "a-token-for-tests";
  const cameras = ["--camera", "one=test:320x180@10", "--camera", "two=test:320x180@10"];
  await using far = await Program.start(["up", "--port", "0", "--token", token, ...cameras]);
  const link = new URL(far.firstLine);
  const place = `http://${LAN_NAME}:${link.port}/`;
  const viewers = async (id: string): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${link.port}/cameras/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { tracks } = (await response.json()) as { tracks: readonly { viewers: number }[] };
    return tracks.reduce((sum, track) => sum + track.viewers, 0);
  };
  const [stays, goes] = [await context.newPage(), await context.newPage()];
  await stays.goto(`${place}?token=${token}`);
  await stays.goto(`${place}#one`);
  await goes.goto(`${place}#two`);
  expect(await goes.evaluate(() => "locks" in navigator)).toBe(false);
  await untilMoved(stays, "one");
  await untilMoved(goes, "two");
  expect(await viewers("two")).toBe(1);
  await goes.close();
  await expect.poll(() => viewers("two"), PATIENCE).toBe(0);
  await untilMoved(stays, "one");
});

test("a finger enlarges a tile, and the head of the page leads back", async () => {
  const page = await open();
  await untilState(page, "live", "attic");
  await page.locator('hello-camera[camera="cellar"]').click({ position: { x: 120, y: 90 } });
  await expect.poll(() => shown(page), PATIENCE).toEqual(["cellar"]);
  await page.getByRole("link", { name: "Next: door" }).click();
  expect(await shown(page)).toEqual(["door"]);
  await page.getByRole("link", { name: "All 4 cameras" }).click();
  expect(await shown(page)).toEqual(CAMERAS);
});

test.each([
  ["small phone", 320, 568],
  ["phone", 390, 844],
  ["desktop", 1440, 900],
  ["4K", 3840, 2160],
])("on a %s nothing sticks out, enlarged or not", async (_, width, height) => {
  const page = await open();
  await page.setViewportSize({ width, height });
  await untilState(page, "live", "attic");
  const inside = async (): Promise<void> => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const main = (await page.locator("main").boundingBox())!;
    for (const tile of await page.locator("hello-camera:not([hidden])").all()) {
      const box = (await tile.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(main.x);
      expect(box.x + box.width).toBeLessThanOrEqual(main.x + main.width);
    }
  };
  await inside();
  await page.keyboard.press("1");
  await expect.poll(() => shown(page), PATIENCE).toEqual(["attic"]);
  await inside();
});
