import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openChromium } from "../browser/browsers.ts";

const LOOK_MS = 100;
const RETRY_MS = 1000;

/** Folder for a picture of the page in each new state; absent: none. */
const SHOTS = process.env["CAMERA_SHOTS"];

/** States that every camera here goes through. */
const EXPECTED = ["live", "gone", "live", "gone", "live", "stalled", "live"];

/**
 * Watch the page at `url` as a person does who does not touch it, and print what it says of each camera whenever that
 * changes, until `signal`. Returns what was wrong, if anything.
 */
export async function watchPage(url: string, signal: AbortSignal): Promise<string | undefined> {
  await using browser = await openChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  while (!signal.aborted) {
    try {
      await page.goto(url);
      break;
    } catch {
      // The machine around it is starting.
      await sleep(RETRY_MS);
    }
  }
  await page.evaluate(() => {
    Object.assign(window, { untouched: true });
  });
  const startMs = Date.now();
  const states = new Map<string, string[]>();
  let before = "";
  while (!signal.aborted) {
    const tiles = await page
      .evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("hello-camera")].map((tile) => ({
          camera: tile.getAttribute("camera") ?? "",
          state: tile.dataset["state"] ?? "",
          spoken: tile.shadowRoot?.querySelector(".spoken")?.textContent ?? "",
          notice: tile.shadowRoot?.querySelector(".notice")?.textContent?.replace(/\s+/g, " ").trim() ?? "",
        })),
      )
      .catch(() => []);
    const said = tiles
      .map(({ camera, state, notice }) => `${camera}: ${state}${notice && ` (${notice})`}`)
      .join("; ");
    const news = tiles.filter(({ camera, state }) => states.get(camera)?.at(-1) !== state);
    for (const { camera, state } of news) states.set(camera, [...(states.get(camera) ?? []), state]);
    if (said !== before)
      console.log(`page ${((Date.now() - startMs) / 1000).toFixed(2).padStart(7)} ${said}`);
    before = said;
    if (SHOTS !== undefined && news.length > 0) {
      mkdirSync(SHOTS, { recursive: true });
      const name = `${SHOTS}/${Date.now() - startMs}-${news.map(({ camera, state }) => `${camera}-${state}`).join("-")}.png`;
      await page.screenshot({ path: name }).catch(() => undefined);
    }
    await sleep(LOOK_MS);
  }
  if (!(await page.evaluate(() => "untouched" in window))) return "it was loaded again";
  const wrong = [...states].filter(([camera]) => camera !== "test");
  const well = wrong.some(([, seen]) => isWithin(EXPECTED, seen));
  return well ? undefined : `expected ${EXPECTED.join(", ")} of a camera, saw ${JSON.stringify(wrong)}`;
}

/** Whether `wanted` comes in `seen` in that order, with others between. */
function isWithin(wanted: readonly string[], seen: readonly string[]): boolean {
  let next = 0;
  for (const state of seen) if (state === wanted[next]) next++;
  return next === wanted.length;
}
