import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { hasFirefox, openFirefox } from "./browsers.ts";
import { freePort } from "./port.ts";
import { counter, SANE_AGE_MS, stats, untilMoved, untilPainted, untilState } from "./view.ts";

describe.skipIf(!hasFirefox())("in Firefox", () => {
  let browser: Browser;
  let program: Program;
  let port: number;

  const start = (): Promise<Program> =>
    Program.start(["up", "--port", String(port), "--camera", "test=test:640x360@30"]);

  beforeAll(async () => {
    port = await freePort();
    program = await start();
    browser = await openFirefox();
  });

  afterAll(async () => {
    await browser?.close();
    await program?.kill("SIGTERM");
  });

  test("the picture paints, moves, and says how old it is; it rests when hidden, and comes back after the server", async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.setViewport({ width: 1280, height: 800 });
    // Which track the machine can carry is another test's question.
    await page.goto(`${program.firstLine}/?track=h264`);
    await untilState(page, "live");
    await untilMoved(page);
    const { ageMs, framesFailed, width, height } = await untilPainted(page, 30);
    expect({ width, height, framesFailed }).toEqual({ width: 640, height: 360, framesFailed: 0 });
    expect(ageMs).toBeGreaterThanOrEqual(0);
    expect(ageMs).toBeLessThan(SANE_AGE_MS);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
    expect(complaints).toEqual([]);

    // A headless Firefox really hides the tab behind another one.
    const other = await browser.newPage();
    await other.bringToFront();
    await untilState(page, "paused");
    await page.bringToFront();
    await untilState(page, "live");
    await untilMoved(page);

    await program.kill("SIGTERM");
    await untilState(page, "lost");
    program = await start();
    await untilState(page, "live");
    await untilMoved(page);
    await page.close();
  });

  test.each([
    ["?track=jpeg", "image"],
    ["?decoder=mse", "mse"],
  ] as const)("%s: the picture follows the source", async (query, decoder) => {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(`${program.firstLine}/${query}`);
    await untilState(page, "live");
    expect((await stats(page))?.way?.decoder).toBe(decoder);
    await untilMoved(page);
    const first = (await counter(page))!;
    const { ageP50Ms, framesFailed, width, height } = await untilPainted(page, 60);
    expect({ width, height, framesFailed }).toEqual({ width: 640, height: 360, framesFailed: 0 });
    expect((await counter(page))! - first).toBeGreaterThan(50);
    expect(ageP50Ms).toBeLessThan(SANE_AGE_MS);
    await page.close();
  });
});
