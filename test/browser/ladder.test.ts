import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { HelloCamera } from "../../src/client/hello-camera.ts";
import { linkConditions } from "../../src/lab/link.ts";
import { LinkShaper } from "../../src/lab/link-shaper.ts";
import { LadderServer } from "../support/ladder-server.ts";
import { openChromium } from "./browsers.ts";
import { PATIENCE, stats, untilPainted } from "./view.ts";

let server: LadderServer;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  server = await LadderServer.start([
    {
      info: { name: "h264", codec: "avc1.64000D", width: 320, height: 180, rate: 30, bitrate: 2_500_000 },
      clip: "moving-320x180.h264",
      padding: 8_000,
    },
    {
      info: { name: "h264-136p", codec: "avc1.42C00C", width: 240, height: 136, rate: 30, bitrate: 200_000 },
      clip: "moving-240x136.h264",
      padding: 0,
    },
  ]);
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

async function open(port: number, query = "", width = 400): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: width } });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // At the end of a test its link is gone before its page is.
    if (message.type() === "error" && !message.text().includes("ERR_CONNECTION_"))
      complaints.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${port}/${query}`);
  return page;
}

async function untilTrack(page: Page, track: string): Promise<void> {
  await expect.poll(async () => (await stats(page))?.way?.track, PATIENCE).toBe(track);
}

/** From now on, look at each frame of the page whether the picture is black. */
async function watchForBlack(
  page: Page,
): Promise<() => Promise<{ looks: number; black: number; states: string[] }>> {
  await page.evaluate(() => {
    const copy = document.createElement("canvas");
    copy.width = 16;
    copy.height = 9;
    const context = copy.getContext("2d", { willReadFrequently: true })!;
    const element = document.querySelector<HelloCamera>("hello-camera")!;
    const found = { looks: 0, black: 0, states: [] as string[] };
    Object.assign(globalThis, { found });
    const look = (): void => {
      const root = element.shadowRoot!;
      context.fillStyle = "black";
      context.fillRect(0, 0, 16, 9);
      // What is seen: the canvas, and the video over it.
      context.drawImage(root.querySelector("canvas")!, 0, 0, 16, 9);
      const video = root.querySelector("video")!;
      if (getComputedStyle(video).visibility === "visible") context.drawImage(video, 0, 0, 16, 9);
      const brightest = Math.max(...context.getImageData(0, 0, 16, 9).data.filter((_, n) => n % 4 !== 3));
      found.looks++;
      if (brightest < 32) found.black++;
      const { state } = element.stats;
      if (found.states.at(-1) !== state) found.states.push(state);
      requestAnimationFrame(look);
    };
    look();
  });
  return () => page.evaluate(() => (globalThis as unknown as { found: never }).found);
}

test.each(["webcodecs", "mse"] as const)(
  "%s: a view that shrinks and grows takes the track of its size, without a black picture between",
  async (decoder) => {
    const page = await open(server.port, `?decoder=${decoder}`);
    await untilTrack(page, "h264");
    await untilPainted(page, 10);
    const seen = await watchForBlack(page);
    await page.setViewportSize({ width: 200, height: 200 });
    await untilTrack(page, "h264-136p");
    await untilPainted(page, 20);
    await expect.poll(() => server.demand).toEqual(["h264-136p"]);
    await page.setViewportSize({ width: 400, height: 400 });
    await untilTrack(page, "h264");
    const { framesFailed, way, chosenFor, switches } = await untilPainted(page, 30);
    expect({ framesFailed, decoder: way?.decoder }).toEqual({ framesFailed: 0, decoder });
    // There and back; on a busy machine with a track in between.
    expect([2, 3]).toContain(switches);
    expect(["probe", "best"]).toContain(chosenFor);
    const { looks, black, states } = await seen();
    expect(looks).toBeGreaterThan(10);
    expect({ black, states }).toEqual({ black: 0, states: ["live"] });
  },
);

test("a link that becomes narrow: a smaller track, and the best again when it is wide", async () => {
  const changes = [
    { fromMs: 1, bitsPerSecond: 0.7e6 },
    { fromMs: 9_000, bitsPerSecond: 20e6 },
  ];
  await using link = new LinkShaper(linkConditions({ bitsPerSecond: 20e6, changes, roundTripMs: 20 }));
  const page = await open(await link.forward(server.port));
  await untilTrack(page, "h264");
  await untilPainted(page, 10);
  const seen = await watchForBlack(page);
  link.start();
  await untilTrack(page, "h264-136p");
  expect((await stats(page))?.chosenFor).toMatch(/link|probe/);
  await untilPainted(page, 20);
  await expect.poll(async () => (await stats(page))?.way?.track, PATIENCE).toBe("h264");
  const { framesFailed } = await untilPainted(page, 60);
  expect(framesFailed).toBe(0);
  expect((await seen()).black).toBe(0);
});

test("a track that somebody asks for stays, whatever the size; automatic choice comes back by the menu", async () => {
  const page = await open(server.port, "?track=h264", 200);
  await untilTrack(page, "h264");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("i");
  const panel = page.getByRole("dialog", { name: "Figures" });
  await expect.poll(() => panel.innerText(), PATIENCE).toMatch(/Chosen\s+by you/);
  await untilPainted(page, 30);
  expect((await stats(page))?.way?.track).toBe("h264");
  await panel.getByRole("combobox").selectOption("");
  await untilTrack(page, "h264-136p");
  await expect.poll(() => panel.innerText(), PATIENCE).toMatch(/Chosen\s+the best for this size/);
});

test("views of one camera share a track: that of the largest", async () => {
  const page = await open(server.port, "", 200);
  await untilTrack(page, "h264-136p");
  await page.evaluate(() => {
    const second = document.createElement("hello-camera");
    second.setAttribute("camera", "test");
    second.setAttribute("src", "ws");
    second.style.cssText = "position: fixed; inset: 0; inline-size: 400px; block-size: 225px";
    document.body.append(second);
  });
  // The first one in the page is the small one.
  await untilTrack(page, "h264");
  await expect.poll(() => server.demand).toEqual(["h264"]);
});
