import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { openChromium } from "./browsers.ts";
import { PATIENCE, SANE_AGE_MS, screenshotCounter, untilMoved, untilPainted, untilState } from "./view.ts";

let program: Program;
let browser: Browser;
let address: string;
const complaints: string[] = [];

beforeAll(async () => {
  program = await Program.start(["up", "--port", "0", "--camera", "test=test:640x360@30"]);
  address = program.firstLine;
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  // The console is where a browser tells of a broken content security policy, too.
  expect(complaints.splice(0)).toEqual([]);
});

async function open(width = 1440, height = 900, prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height } });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await prepare?.(page);
  await page.goto(address);
  return page;
}

/** How many viewers the server feeds. */
async function viewers(): Promise<number> {
  const response = await fetch(`${address}/cameras/test`);
  const { tracks } = (await response.json()) as { tracks: readonly { viewers: number }[] };
  return tracks.reduce((sum, track) => sum + track.viewers, 0);
}

test("the picture paints, moves, and says how old it is", async () => {
  const page = await open();
  await untilState(page, "live");
  await untilMoved(page);
  const { ageMs, ageP50Ms, framesFailed, width, height, windowFrames } = await untilPainted(page, 30);
  expect({ width, height, framesFailed }).toEqual({ width: 640, height: 360, framesFailed: 0 });
  expect(ageMs).toBeGreaterThanOrEqual(0);
  expect(ageMs).toBeLessThan(SANE_AGE_MS);
  expect(ageP50Ms).toBeLessThan(SANE_AGE_MS);
  expect(windowFrames).toBeGreaterThanOrEqual(1);
  expect(await page.locator("hello-camera .age").innerText()).toMatch(/^Age of the picture\s*\d+ ms old$/);
  expect(await page.title()).toBe("test – hello-websocket");
});

test("the picture on the glass moves, not only the one in memory", async () => {
  const page = await open(1280, 800);
  const blank = await browser.newPage();
  await untilPainted(page, 5);
  // The words at the bottom lie on the counter's blocks.
  await page.evaluate(() => {
    const root = document.querySelector("hello-camera")!.shadowRoot!;
    root.querySelector<HTMLElement>(".bottom")!.style.visibility = "hidden";
  });
  const look = async (): Promise<number> => {
    const png = await page.locator("hello-camera").screenshot();
    return screenshotCounter(blank, png);
  };
  const first = await look();
  expect(first).toBeGreaterThan(0);
  await expect.poll(look, PATIENCE).toBeGreaterThan(first + 3);
});

test("a browser that cannot paint in a worker paints on the page", async () => {
  const page = await open(800, 600, (fresh) =>
    fresh.addInitScript(() => Reflect.deleteProperty(window, "OffscreenCanvas")),
  );
  await untilState(page, "live");
  await untilMoved(page);
  expect(page.workers()).toEqual([]);
});

test("elsewhere a worker paints", async () => {
  const page = await open(800, 600);
  await untilState(page, "live");
  expect(page.workers()).toHaveLength(1);
});

test.each([
  ["small phone", 320, 568],
  ["phone", 360, 740],
  ["desktop", 1440, 900],
  ["4K", 3840, 2160],
])("on a %s the picture is whole and nothing sticks out", async (_, width, height) => {
  const page = await open(width, height);
  await untilState(page, "live");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const box = (await page.locator("hello-camera").boundingBox())!;
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(width);
  expect(box.y + box.height).toBeLessThanOrEqual(height);
  expect(box.width / box.height).toBeCloseTo(16 / 9, 1);
  // It fills the window as far as its shape allows.
  expect(Math.max(box.width / width, box.height / height)).toBeGreaterThan(0.85);
});

test("a hidden page asks for nothing, and comes back", async () => {
  const page = await open();
  await untilState(page, "live");
  const hide = (hidden: boolean): Promise<void> =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  await untilState(page, "paused");
  await expect.poll(viewers, PATIENCE).toBe(0);
  await hide(false);
  await untilState(page, "live");
  await untilMoved(page);
});

test("a camera that is scrolled off screen asks for nothing, and comes back", async () => {
  const page = await open();
  await untilState(page, "live");
  await page.evaluate(() => document.querySelector("main")!.style.setProperty("margin-top", "200vh"));
  await untilState(page, "paused");
  await expect.poll(viewers, PATIENCE).toBe(0);
  await page.evaluate(() => document.querySelector("main")!.style.removeProperty("margin-top"));
  await untilState(page, "live");
  await untilMoved(page);
});

test("an element that moves within its page, or shows another camera, goes on", async () => {
  const page = await open();
  await untilState(page, "live");
  await page.evaluate(() => {
    const element = document.querySelector("hello-camera")!;
    document.querySelector("header")!.after(element);
  });
  await untilState(page, "live");
  await untilMoved(page);
  await page.evaluate(() => document.querySelector("hello-camera")!.setAttribute("camera", "nowhere"));
  expect(await untilState(page, "gone", "nowhere")).toMatchObject({
    reason: expect.stringContaining("nowhere"),
  });
  await page.evaluate(() => document.querySelector("hello-camera")!.setAttribute("camera", "test"));
  await untilState(page, "live");
  await untilMoved(page);
});

test("two pages and two elements on one of them all show it", async () => {
  const [one, two] = await Promise.all([open(), open(360, 740)]);
  await untilState(one, "live");
  await one.evaluate(() => {
    const second = document.createElement("hello-camera");
    second.setAttribute("camera", "test");
    second.id = "second";
    document.querySelector(".wall")!.append(second);
  });
  await Promise.all([untilMoved(one), untilMoved(two)]);
  const second = (): Promise<number> =>
    one.evaluate(
      () =>
        (document.querySelector("#second") as unknown as { stats: { framesPainted: number } }).stats
          .framesPainted,
    );
  await expect.poll(second, PATIENCE).toBeGreaterThan(5);
});

test("the keys of the only camera need no focus, and go on after the help that tells of them", async () => {
  const page = await open();
  await untilState(page, "live");
  const figures = page.getByRole("dialog", { name: /^Figures/ });
  await page.keyboard.press("i");
  await figures.waitFor();
  await page.keyboard.press("i");
  await figures.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Keys" }).click();
  await page.keyboard.press("i");
  expect(await figures.count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("i");
  await figures.waitFor();
});

test("on a phone the picture stands above the panel that tells of it", async () => {
  const page = await open(390, 844);
  await untilState(page, "live");
  const tile = page.locator("hello-camera");
  const before = (await tile.boundingBox())!;
  await page.keyboard.press("i");
  const panel = page.getByRole("dialog", { name: /^Figures/ });
  await panel.waitFor();
  const covered = async (): Promise<number> =>
    (await tile.boundingBox())!.y + before.height - (await panel.boundingBox())!.y;
  await expect.poll(covered, PATIENCE).toBeLessThanOrEqual(0);
  await page.keyboard.press("Escape");
  await expect.poll(async () => (await tile.boundingBox())?.y, PATIENCE).toBe(before.y);
});

test("the keyboard reaches it, and F fills the screen", async () => {
  const page = await open();
  await untilState(page, "live");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("f");
  await expect
    .poll(() => page.evaluate(() => document.fullscreenElement?.localName), PATIENCE)
    .toBe("hello-camera");
  await page.keyboard.press("f");
  await expect.poll(() => page.evaluate(() => document.fullscreenElement), PATIENCE).toBeNull();
  expect(await page.getByRole("img", { name: "Camera test: live" }).count()).toBe(1);
});
