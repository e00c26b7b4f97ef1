import { readFile } from "node:fs/promises";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AdjustableCamera } from "../support/adjustable-camera.ts";
import { PathProxy } from "../support/path-proxy.ts";
import { Program } from "../support/program.ts";
import { openChromium } from "./browsers.ts";
import { PATIENCE, stats, untilMoved, untilState } from "./view.ts";

let program: Program;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  program = await Program.start(["up", "--port", "0", "--camera", "test=test:640x360@30"]);
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};

async function open(
  address = program.firstLine,
  options = DESKTOP,
  prepare?: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A status of 4xx or 5xx that a test asks for is told there too, and that a server which a test ends is gone.
    if (
      message.type() === "warning" ||
      (message.type() === "error" && !/status of [45]|ERR_CONNECTION_/.test(message.text()))
    )
      complaints.push(message.text());
  });
  await prepare?.(page);
  await page.goto(address);
  return page;
}

/** How the picture is held, as the browser has it. */
function held(page: Page): Promise<string> {
  return page.locator("hello-camera .frame").evaluate((frame: HTMLElement) => frame.style.transform);
}

async function box(of: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  return (await of.boundingBox())!;
}

test.each(["webcodecs", "mse"])(
  "a picture that was turned and enlarged through %s is so the next time",
  async (way) => {
    const page = await open(`${program.firstLine}?decoder=${way}`);
    await untilState(page, "live");
    const element = page.locator("hello-camera");
    await expect.poll(() => element.getAttribute("data-decoder"), PATIENCE).toBe(way);
    await element.focus();
    await page.keyboard.press("r");
    await page.keyboard.press("m");
    await expect.poll(() => held(page), PATIENCE).toBe("rotate(270deg) scaleX(-1)");
    const shown = element.locator(way === "mse" ? "video" : "canvas");
    // As high as it is wide: the element has taken the picture's shape, and the picture fills it.
    await expect
      .poll(async () => {
        const [outer, inner] = [await box(element), await box(shown)];
        return Math.abs(outer.width - inner.width) + Math.abs(outer.height - inner.height);
      }, PATIENCE)
      .toBeLessThan(4);
    expect((await box(element)).height).toBeGreaterThan((await box(element)).width);
    await page.mouse.move(640, 400);
    await page.mouse.wheel(0, -300);
    await expect.poll(() => held(page), PATIENCE).toMatch(/scale\(1\.\d+\) rotate\(270deg\) scaleX\(-1\)$/);
    const before = await held(page);
    await page.reload();
    await untilState(page, "live");
    await untilMoved(page);
    await expect.poll(() => held(page), PATIENCE).toBe(before);
    await element.focus();
    await page.keyboard.press("0");
    await page.keyboard.press("0");
    await expect.poll(() => held(page), PATIENCE).toBe("");
    await expect.poll(() => page.evaluate(() => localStorage.length), PATIENCE).toBe(0);
  },
);

test("what is enlarged is pushed by hand and by arrows, and no push is a press", async () => {
  const page = await open();
  await untilState(page, "live");
  const element = page.locator("hello-camera");
  await page.evaluate(() => {
    addEventListener("click", () => Object.assign(window, { pressed: true }));
  });
  await element.focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press("+");
  await page.mouse.move(640, 400);
  await page.mouse.down();
  await page.mouse.move(700, 430, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => held(page), PATIENCE).toMatch(/^translate\([1-9]/);
  expect(await page.evaluate(() => "pressed" in window)).toBe(false);
  const before = await held(page);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => held(page), PATIENCE).not.toBe(before);
  await page.mouse.click(640, 400);
  expect(await page.evaluate(() => "pressed" in window)).toBe(true);
});

test("an enlarged picture is worth more pixels", async () => {
  const page = await open(program.firstLine, { viewport: { width: 420, height: 500 } });
  await untilState(page, "live");
  await expect.poll(async () => (await stats(page))?.width, PATIENCE).toBe(480);
  await page.locator("hello-camera").focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press("+");
  await expect.poll(async () => (await stats(page))?.width, PATIENCE).toBe(640);
});

test("a wheel is for the page until somebody works with the picture, or holds Ctrl", async () => {
  const page = await open();
  await untilState(page, "live");
  await page.mouse.move(640, 400);
  await page.mouse.wheel(0, -300);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  await expect.poll(() => held(page), PATIENCE).toMatch(/scale\(/);
  const zoom = Number(/scale\(([\d.]+)\)/.exec(await held(page))?.[1]);
  expect(zoom).toBeLessThan(1.5);
});

test("two taps of a finger enlarge what is under it; two clicks fill the screen", async () => {
  const phone = await open(program.firstLine, PHONE);
  await untilState(phone, "live");
  const tile = await box(phone.locator("hello-camera"));
  const tap = (): Promise<void> => phone.touchscreen.tap(tile.x + tile.width / 4, tile.y + tile.height / 2);
  await tap();
  await tap();
  await expect.poll(() => held(phone), PATIENCE).toMatch(/scale\(2\.5\)/);
  expect(await phone.evaluate(() => document.fullscreenElement)).toBeNull();
  await tap();
  await tap();
  await expect.poll(() => held(phone), PATIENCE).toBe("");
  const desk = await open();
  await untilState(desk, "live");
  await desk.mouse.dblclick(640, 400);
  await expect
    .poll(() => desk.evaluate(() => document.fullscreenElement?.localName), PATIENCE)
    .toBe("hello-camera");
  expect(await held(desk)).toBe("");
});

test("two fingers enlarge by as much as they part, and push as they move", async () => {
  const page = await open(program.firstLine, PHONE);
  await untilState(page, "live");
  const tile = await box(page.locator("hello-camera"));
  const [x, y] = [tile.x + tile.width / 2, tile.y + tile.height / 2];
  const session = await page.context().newCDPSession(page);
  const fingers = (
    type: "touchStart" | "touchMove" | "touchEnd",
    apart: number,
    aside = 0,
  ): Promise<unknown> =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints:
        type === "touchEnd"
          ? []
          : [
              { x: x - apart / 2 + aside, y, id: 1 },
              { x: x + apart / 2 + aside, y, id: 2 },
            ],
    });
  await fingers("touchStart", 60);
  for (const apart of [80, 100, 120]) await fingers("touchMove", apart);
  await expect.poll(() => held(page), PATIENCE).toMatch(/scale\((1\.9|2\.?0*)\d*\)/);
  for (const aside of [10, 20, 30]) await fingers("touchMove", 120, aside);
  await expect.poll(() => held(page), PATIENCE).toMatch(/^translate\([1-9][\d.]*cqw, 0cqh\) scale\(/);
  await fingers("touchEnd", 0);
});

test("a snapshot is the camera's own picture, named after it and the time, below a path and with a token", async () => {
  await using camera = await AdjustableCamera.start({ token: "a-token-of-a-test" });
  await using proxy = await PathProxy.start("/below/", camera.port);
  const page = await open(`${proxy.address}?token=a-token-of-a-test`);
  await untilState(page, "live", "front");
  await page.locator("hello-camera").focus();
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("s")]);
  expect(download.suggestedFilename()).toMatch(/^front-20\d\d-\d\d-\d\d-\d\d-\d\d-\d\d\.jpg$/);
  const file = await readFile((await download.path())!);
  const response = await fetch(`${camera.address}cameras/front/snapshot.jpg?token=a-token-of-a-test`);
  expect(file.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  await expect
    .poll(() => page.locator("hello-camera .said").innerText(), PATIENCE)
    .toBe(`Saved ${download.suggestedFilename()}`);
});

test("a snapshot that cannot be had is said, and why", async () => {
  await using camera = await AdjustableCamera.start();
  const page = await open(camera.address);
  await untilState(page, "live", "front");
  camera.unplug();
  await untilState(page, "gone", "front");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("s");
  await expect
    .poll(() => page.locator("hello-camera .said").innerText(), PATIENCE)
    .toBe("No picture was saved: the camera was unplugged");
});

test("sliders move the camera: one request at a time, the newest value wins", async () => {
  await using camera = await AdjustableCamera.start();
  const page = await open(camera.address);
  await untilState(page, "live", "front");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("c");
  const slider = page.getByRole("slider", { name: "Brightness" });
  await slider.waitFor();
  let release = (): void => {};
  camera.controls!.hold = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  await slider.focus();
  for (let step = 0; step < 20; step++) await page.keyboard.press("ArrowRight");
  await expect.poll(() => slider.inputValue(), PATIENCE).toBe("148");
  camera.controls!.hold = () => Promise.resolve();
  release();
  await expect.poll(() => camera.controls!.writes.at(-1), PATIENCE).toEqual({ brightness: 148 });
  expect(camera.controls!.writes).toHaveLength(2);
  expect(camera.controls!.most).toBe(1);
  await page.getByRole("button", { name: "Reset Brightness to 128" }).click();
  await expect.poll(() => camera.controls!.writes.at(-1), PATIENCE).toEqual({ brightness: 128 });
  await expect.poll(() => slider.inputValue(), PATIENCE).toBe("128");
});

test("menus, switches, buttons; what another control decides is greyed; what is refused is said", async () => {
  await using camera = await AdjustableCamera.start();
  const page = await open(camera.address);
  await untilState(page, "live", "front");
  await page.getByRole("button", { name: "Camera controls" }).click();
  const exposure = page.getByRole("slider", { name: "Exposure time" });
  await exposure.waitFor();
  expect(await exposure.isDisabled()).toBe(true);
  await page.getByLabel("Auto exposure", { exact: true }).selectOption("Manual Mode");
  await expect.poll(() => exposure.isDisabled(), PATIENCE).toBe(false);
  await page.getByRole("switch", { name: "White balance automatic" }).click();
  await page.getByRole("button", { name: "Reset pan tilt" }).click();
  await expect
    .poll(() => camera.controls!.writes, PATIENCE)
    .toEqual([{ auto_exposure: 1 }, { white_balance_automatic: 0 }, { reset_pan_tilt: 1 }]);
  const contrast = page.getByRole("spinbutton", { name: /^Contrast/ });
  await contrast.fill("63");
  await contrast.press("Enter");
  await expect
    .poll(() => page.locator("hello-camera").getByRole("alert").innerText(), PATIENCE)
    .toBe("contrast 63 is not right: expected steps of 5 from 0 to 100");
  await expect.poll(() => contrast.inputValue(), PATIENCE).toBe("65");
  await page.getByRole("button", { name: "Reset all to default" }).click();
  await expect
    .poll(() => camera.controls!.writes.at(-1), PATIENCE)
    .toEqual({ contrast: 50, white_balance_automatic: 1, auto_exposure: 3 });
});

test("after a replug the sliders are those of the camera that is there", async () => {
  await using camera = await AdjustableCamera.start();
  const page = await open(camera.address);
  await untilState(page, "live", "front");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("c");
  await page.getByRole("slider", { name: "Zoom" }).waitFor();
  camera.unplug();
  await untilState(page, "gone", "front");
  camera.controls!.replace([{ name: "gamma", kind: "range", min: 0, max: 9, step: 1, default: 5, value: 7 }]);
  camera.plug();
  await untilState(page, "live", "front");
  await expect.poll(() => page.getByRole("slider").count(), PATIENCE).toBe(1);
  expect(await page.getByRole("slider", { name: "Gamma" }).inputValue()).toBe("7");
});

test("a camera without controls says so; a viewer who may not has no button", async () => {
  await using camera = await AdjustableCamera.start({ controls: "none" });
  const page = await open(camera.address);
  await untilState(page, "live", "front");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("c");
  await expect
    .poll(() => page.locator("hello-camera .controls").innerText(), PATIENCE)
    .toContain("Nothing can be adjusted: the camera has no controls.");
  await page.keyboard.press("Escape");
  await page.route("**/controls", (route) => route.fulfill({ status: 403, json: { error: "no" } }));
  await page.keyboard.press("c");
  await expect.poll(() => page.getByRole("button", { name: "Camera controls" }).count(), PATIENCE).toBe(0);
  expect(await page.locator("hello-camera .said").innerText()).toBe("You may not adjust this camera");
});

test("the figures are drawn over time, in both schemes, by a library that comes when somebody looks", async () => {
  const page = await open(program.firstLine, { ...DESKTOP, colorScheme: "light" });
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  await untilState(page, "live");
  await untilMoved(page);
  expect(loaded.filter((url) => /uplot/i.test(url))).toEqual([]);
  await page.locator("hello-camera").focus();
  await page.keyboard.press("i");
  const charts = page.locator("hello-camera .chart canvas");
  await expect.poll(() => charts.count(), PATIENCE).toBe(3);
  expect(loaded.filter((url) => /uplot/i.test(url))).toHaveLength(1);
  // Something of the line's colour is there: blue, more than red.
  const drawn = (): Promise<boolean[]> =>
    charts.evaluateAll((canvases) =>
      (canvases as HTMLCanvasElement[]).map((canvas) => {
        const copy = document.createElement("canvas");
        const { width, height } = Object.assign(copy, { width: canvas.width, height: canvas.height });
        const context = copy.getContext("2d", { willReadFrequently: true })!;
        context.drawImage(canvas, 0, 0);
        const { data } = context.getImageData(0, 0, width, height);
        for (let at = 0; at < data.length; at += 4) {
          if (data[at + 3]! > 200 && data[at + 2]! > data[at]! + 80) return true;
        }
        return false;
      }),
    );
  await expect.poll(drawn, PATIENCE).toEqual([true, true, true]);
  // They are drawn again, not made again.
  const marked = (): Promise<number> =>
    charts.evaluateAll((canvases) => canvases.filter((canvas) => "marked" in canvas).length);
  await charts.evaluateAll((canvases) =>
    canvases.forEach((canvas) => Object.assign(canvas, { marked: true })),
  );
  const painted = (await stats(page))!.framesPainted;
  await expect.poll(async () => (await stats(page))!.framesPainted, PATIENCE).toBeGreaterThan(painted + 30);
  expect(await marked()).toBe(3);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(drawn, PATIENCE).toEqual([true, true, true]);
  await page.keyboard.press("Escape");
  await expect.poll(() => charts.count(), PATIENCE).toBe(0);
});

test("a small tile has one button, and a menu with all of it that keys go through", async () => {
  const page = await open(program.firstLine, PHONE);
  await untilState(page, "live");
  const more = page.locator("hello-camera .more");
  const size = await box(more);
  expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(40);
  expect(await page.locator("hello-camera .tool:visible").count()).toBe(0);
  await more.tap();
  const items = page.getByRole("menu").locator("button");
  await expect.poll(() => items.count(), PATIENCE).toBeGreaterThan(8);
  for (const item of await items.all()) expect((await box(item)).height).toBeGreaterThanOrEqual(40);
  const menu = await box(page.getByRole("menu"));
  expect(menu.x).toBeGreaterThanOrEqual(0);
  expect(menu.x + menu.width).toBeLessThanOrEqual(390);
  expect(menu.y + menu.height).toBeLessThanOrEqual(844);
  const focused = (): Promise<string | undefined> =>
    page.evaluate(
      () =>
        document.querySelector("hello-camera")?.shadowRoot?.activeElement?.textContent?.trim() ?? undefined,
    );
  await expect.poll(focused, PATIENCE).toContain("Turn right");
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toContain("Turn left");
  await page.keyboard.press("End");
  expect(await focused()).toContain("Full screen");
  await page.keyboard.press("ArrowDown");
  expect(await focused()).toContain("Turn right");
  await page.keyboard.press("Enter");
  await expect.poll(() => held(page), PATIENCE).toBe("rotate(90deg)");
});

test("a page whose painter hangs does not show its picture as live", async () => {
  const page = await open();
  await untilState(page, "live");
  const hang = page.workers()[0]!.evaluate(() => {
    const untilMs = Date.now() + 8_000;
    while (Date.now() < untilMs);
  });
  const { reason, pictureAgeMs } = await untilState(page, "stale");
  expect(reason).toBe("This page has stopped painting");
  expect(pictureAgeMs).toBeGreaterThan(1_000);
  expect(await page.locator("hello-camera .old").innerText()).toMatch(/\d+ s old$/);
  await hang;
  await untilState(page, "live");
});

test("a window of its own shows the camera, and goes on while the page is hidden", async () => {
  const page = await open();
  await untilState(page, "live");
  const able = await page.evaluate(() => "documentPictureInPicture" in window);
  expect(able).toBe(true);
  await page.locator("hello-camera").focus();
  await page.keyboard.press("p");
  const inside = (): Promise<string | undefined> =>
    page.evaluate(() => {
      const { window: float } = (window as unknown as { documentPictureInPicture: { window: Window | null } })
        .documentPictureInPicture;
      return float?.document.querySelector<HTMLElement>("hello-camera")?.dataset["state"];
    });
  await expect.poll(inside, PATIENCE).toBe("live");
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await untilState(page, "paused");
  expect(await inside()).toBe("live");
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await untilState(page, "live");
  await page.keyboard.press("p");
  await expect.poll(inside, PATIENCE).toBeUndefined();
});
