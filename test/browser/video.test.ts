import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { HelloCamera } from "../../src/client/hello-camera.ts";
import type { DecoderName } from "../../src/client/index.ts";
import { Program } from "../support/program.ts";
import { LAN_NAME, openChromium } from "./browsers.ts";
import { counter, PATIENCE, SANE_AGE_MS, stats, untilMoved, untilPainted, untilState } from "./view.ts";

type Decode = (this: VideoDecoder, chunk: EncodedVideoChunk) => void;

const TOKEN = "a-token-for-tests";

let program: Program;
let browser: Browser;
let local: URL;
/** The same server by a name of the network: plain http there is no secure context, so there is no WebCodecs. */
let remote: URL;
const complaints: string[] = [];

beforeAll(async () => {
  const camera = ["--camera", "test=test:640x360@30", "--token", TOKEN];
  program = await Program.start(["up", "--port", "0", ...camera]);
  local = new URL(`/?token=${TOKEN}`, program.firstLine);
  remote = new URL(local);
  remote.hostname = LAN_NAME;
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

async function open(at: URL, query = "", prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await prepare?.(page);
  // The link with the token gives a cookie, and leads to the page without it.
  await page.goto(at.href);
  if (query !== "") await page.goto(new URL(`/${query}`, at).href);
  return page;
}

async function untilDecodedBy(page: Page, decoder: DecoderName): Promise<void> {
  await expect.poll(async () => (await stats(page))?.way?.decoder, PATIENCE).toBe(decoder);
  await untilState(page, "live");
}

const removeMediaSource = (page: Page): Promise<unknown> =>
  page.addInitScript("delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;");

test.each([
  { name: "WebCodecs", decoder: "webcodecs", track: "h264", far: false },
  { name: "Media Source Extensions, where WebCodecs is missing", decoder: "mse", track: "h264", far: true },
  { name: "JPEG, where both are missing", decoder: "image", track: "jpeg", far: true },
] as const)("$name: the picture follows the source", async ({ decoder, track, far }) => {
  const page = await open(far ? remote : local, "", decoder === "image" ? removeMediaSource : undefined);
  await untilDecodedBy(page, decoder);
  expect(await page.evaluate(() => isSecureContext)).toBe(!far);
  await untilMoved(page);
  const first = (await counter(page))!;
  const { framesFailed, width, height, way, ageP50Ms } = await untilPainted(page, 60);
  expect({ framesFailed, width, height, track: way?.track }).toEqual({
    framesFailed: 0,
    width: 640,
    height: 360,
    track,
  });
  // As many pictures as were painted have gone by in the source, at least.
  expect((await counter(page))! - first).toBeGreaterThan(50);
  expect(ageP50Ms).toBeGreaterThanOrEqual(0);
  expect(ageP50Ms).toBeLessThan(SANE_AGE_MS);
});

test.each([
  ["?track=jpeg", "image"],
  ["?track=h264&decoder=mse", "mse"],
  ["?decoder=webcodecs", "webcodecs"],
] as const)("%s is obeyed", async (query, decoder) => {
  const page = await open(local, query);
  await untilDecodedBy(page, decoder);
  await untilMoved(page);
});

test("the panel tells how it is shown, and its menu changes that", async () => {
  const page = await open(local);
  await untilDecodedBy(page, "webcodecs");
  await page.locator("hello-camera").focus();
  await page.keyboard.press("i");
  const panel = page.getByRole("dialog", { name: "Figures" });
  await expect
    .poll(() => panel.innerText(), PATIENCE)
    .toMatch(/Track\s+h264(-\d+p)? · avc1\.\w{6}\s+Decoder\s+WebCodecs/);
  for (const [choice, decoder] of [
    ["jpeg", "image"],
    ["h264/mse", "mse"],
    ["", "webcodecs"],
  ] as const) {
    await panel.getByRole("combobox").selectOption(choice);
    await untilDecodedBy(page, decoder);
    await untilMoved(page);
  }
  await page.keyboard.press("Escape");
  expect(await panel.count()).toBe(0);
});

test.each(["webcodecs", "mse"] as const)(
  "two elements on one page share a track through %s",
  async (decoder) => {
    const page = await open(local, `?decoder=${decoder}`);
    await untilDecodedBy(page, decoder);
    await page.evaluate((name) => {
      const second = document.createElement("hello-camera");
      second.setAttribute("camera", "test");
      second.setAttribute("src", "ws");
      second.setAttribute("decoder", name);
      document.querySelector(".wall")!.prepend(second);
    }, decoder);
    // The first one in the page is the new one.
    await untilDecodedBy(page, decoder);
    await untilMoved(page);
  },
);

test("a newcomer in the middle of a group of pictures is at the live edge at once", async () => {
  const [first, second] = [await open(local), await open(local)];
  await untilPainted(first, 60);
  await second.reload();
  await untilPainted(second, 15);
  await expect.poll(async () => (await stats(second))?.ageMs, PATIENCE).toBeLessThan(500);
});

test("a frame that cannot be decoded: it goes on with the next keyframe", async () => {
  const page = await open(local);
  await untilDecodedBy(page, "webcodecs");
  await page.workers()[0]!.evaluate(() => {
    const decode = Reflect.get(VideoDecoder.prototype, "decode") as Decode;
    VideoDecoder.prototype.decode = function (chunk) {
      VideoDecoder.prototype.decode = decode;
      const { timestamp } = chunk;
      decode.call(
        this,
        new EncodedVideoChunk({ type: "key", timestamp, data: new Uint8Array(64).fill(0x5a) }),
      );
    };
  });
  await expect.poll(async () => (await stats(page))?.framesFailed, PATIENCE).toBe(1);
  await untilMoved(page);
  expect((await stats(page))?.way?.decoder).toBe("webcodecs");
});

test("a decoder that fails again and again is given up, until the connection is another", async () => {
  const page = await open(local);
  await untilDecodedBy(page, "webcodecs");
  await page.workers()[0]!.evaluate(() => {
    const decode = Reflect.get(VideoDecoder.prototype, "decode") as Decode;
    Object.assign(globalThis, { repair: () => Object.assign(VideoDecoder.prototype, { decode }) });
    VideoDecoder.prototype.decode = () => {
      throw new Error("out of order");
    };
  });
  await untilDecodedBy(page, "mse");
  await untilMoved(page);
  expect((await stats(page))?.fallback).toBe("out of order");
  await page.workers()[0]!.evaluate(() => (globalThis as unknown as { repair: () => void }).repair());
  // Somebody asks for it once more.
  await page.evaluate(() => {
    document.querySelector<HelloCamera>("hello-camera")!.decoder = "webcodecs";
  });
  await untilDecodedBy(page, "webcodecs");
  await untilMoved(page);
});
