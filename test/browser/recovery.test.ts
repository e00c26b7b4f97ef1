import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { openChromium } from "./browsers.ts";
import { freePort } from "./port.ts";
import { counter, PATIENCE, stats, untilMoved, untilState } from "./view.ts";

// Each program in a process of its own, so that each can die alone.
let browser: Browser;
let page: Page;
let folder: string;
let port: number;
let mapper: Program;
let server: Program;
let recorder: Program;

const place = (): string[] => ["--mapper", `unix:${join(folder, "mapper.sock")}`];
const startMapper = (): Promise<Program> => Program.start(["mapper", ...place()]);
const startServer = (): Promise<Program> => Program.start(["server", "--port", String(port), ...place()]);
const startRecorder = (size = "640x360"): Program =>
  new Program(["recorder", "--camera", `test=test:${size}@30`, ...place()]);

beforeAll(async () => {
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hello-browser-"));
  port = await freePort();
  mapper = await startMapper();
  server = await startServer();
  recorder = startRecorder();
  page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  await page.goto(server.firstLine);
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
  await untilState(page, "live");
  await untilMoved(page);
});

afterEach(async () => {
  // Nothing here may need a reload.
  expect(await page.evaluate(() => "loadedOnce" in window)).toBe(true);
  await page.close();
  await Promise.all([server, recorder, mapper].map((program) => program.kill("SIGTERM")));
  await rm(folder, { recursive: true, force: true });
});

/** The last picture is still there, but nobody can take it for a live one. */
async function expectMarked(): Promise<void> {
  expect(await counter(page)).toBeGreaterThan(0);
  const filter = (): Promise<string> =>
    page.locator("hello-camera canvas").evaluate((canvas) => getComputedStyle(canvas).filter);
  await expect.poll(filter, PATIENCE).toContain("grayscale(1)");
  await expect.poll(() => page.locator("hello-camera .age").count(), PATIENCE).toBe(0);
  // Its age is there instead, and goes on.
  const old = (): Promise<string> => page.locator("hello-camera .old").innerText();
  await expect.poll(old, PATIENCE).toMatch(/\d+ s old$/);
  const first = await old();
  await expect.poll(old, PATIENCE).not.toBe(first);
  expect(await page.locator("hello-camera .notice").innerText()).toMatch(/The picture is \d+ s old/);
}

test("the server is killed and started again: the picture is back", async () => {
  await server.kill("SIGKILL");
  const { reason } = await untilState(page, "lost");
  expect(reason).toBe("The server does not answer");
  await expectMarked();
  expect(await page.locator("hello-camera .notice").innerText()).toMatch(
    /The server does not answer\s+Disconnected for \d+ s · trying again/,
  );
  server = await startServer();
  await untilState(page, "live");
  await untilMoved(page);
});

test("the server stops in good order: the page says so, and the picture comes back", async () => {
  await server.kill("SIGTERM");
  await untilState(page, "lost");
  server = await startServer();
  await untilState(page, "live");
  await untilMoved(page);
});

// Windows has no way to stop a process in its tracks.
test.skipIf(process.platform === "win32")(
  "the server hangs: the page notices, and comes back when it goes on",
  async () => {
    server.hang(true);
    await untilState(page, "stale");
    await expectMarked();
    const { reason } = await untilState(page, "lost");
    expect(reason).toBe("The server has gone silent");
    server.hang(false);
    await untilState(page, "live");
    await untilMoved(page);
  },
);

test("the recorder is killed: the reason is shown, the last picture is marked, and it comes back", async () => {
  await recorder.kill("SIGKILL");
  const { reason } = await untilState(page, "gone");
  expect(reason).toBeTruthy();
  await expectMarked();
  const notice = page.locator("hello-camera .notice strong");
  expect((await notice.innerText()).toLowerCase()).toContain(reason!.toLowerCase());
  recorder = startRecorder();
  await untilState(page, "live");
  await untilMoved(page);
});

test.each(["webcodecs", "mse"])(
  "the recorder comes back with a picture of another size: it goes on through %s",
  async (decoder) => {
    const element = page.locator("hello-camera");
    await element.evaluate((camera, name) => camera.setAttribute("decoder", name), decoder);
    await expect.poll(() => element.getAttribute("data-decoder"), PATIENCE).toBe(decoder);
    await untilMoved(page);
    await recorder.kill("SIGKILL");
    await untilState(page, "gone");
    recorder = startRecorder("320x240");
    await untilState(page, "live");
    await untilMoved(page);
    await expect.poll(async () => (await stats(page))?.width, PATIENCE).toBe(320);
    expect(await element.getAttribute("data-decoder")).toBe(decoder);
  },
);

test("the mapper is killed and started again: the picture is back", async () => {
  await mapper.kill("SIGKILL");
  await expect.poll(() => page.locator("hello-camera").getAttribute("data-state"), PATIENCE).not.toBe("live");
  await expectMarked();
  mapper = await startMapper();
  await untilState(page, "live");
  await untilMoved(page);
});

test("a page that has no camera yet says what to do, and shows the first one by itself", async () => {
  await recorder.kill("SIGTERM");
  await server.kill("SIGTERM");
  await mapper.kill("SIGTERM");
  mapper = await startMapper();
  server = await startServer();
  const early = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await early.goto(server.firstLine);
  await expect.poll(() => early.locator("h1").innerText(), PATIENCE).toBe("No camera yet");
  expect(await early.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  recorder = startRecorder();
  await untilState(early, "live");
  await untilMoved(early);
  await early.close();
});
