/** What a viewer of H.264 sees while its link carries half of what the track takes, and how soon it has all of it again. */

import type { Browser, Page } from "playwright-core";
import type { Stats } from "../src/client/index.ts";
import { linkConditions } from "../src/lab/link.ts";
import { LinkShaper } from "../src/lab/link-shaper.ts";
import { openChromium } from "../test/browser/browsers.ts";
import { ms, save, table } from "./report.ts";
import { ours, RATE } from "./subject.ts";

const SOURCE = `test:1280x720@${RATE}`;

/** A link that carries all of it, and its round trip. */
const WIDE_BPS = 8_000_000;
const ROUND_TRIP_MS = 20;

/** Before the throttle, under it, and behind it. */
const BEFORE_MS = 5_000;
const THROTTLED_MS = 20_000;
const AFTER_MS = 10_000;

/** The rate counts as full from this part of it on, over a second. */
const FULL_PART = 0.9;

/** What the page says of itself, four times a second. */
interface Sample {
  /** Since the throttle, in ms. */
  readonly atMs: number;
  readonly stats: Stats;
}

/** One viewer in headless Chromium, held to the track `h264`: nothing smaller may help. */
export async function throttle(options: { signal: AbortSignal }): Promise<string> {
  await using subject = await ours("test", SOURCE, options.signal);
  const browser = await openChromium();
  try {
    const takenBps = await bitsPerSecond(browser, subject.port);
    const changes = [
      { fromMs: 1, bitsPerSecond: takenBps / 2 },
      { fromMs: THROTTLED_MS, bitsPerSecond: WIDE_BPS },
    ];
    await using link = new LinkShaper(
      linkConditions({ bitsPerSecond: WIDE_BPS, roundTripMs: ROUND_TRIP_MS, changes }),
    );
    const page = await open(browser, await link.forward(subject.port));
    await page.waitForTimeout(BEFORE_MS);
    await page.evaluate(() => Object.assign(globalThis, { startMs: performance.now() }));
    link.start();
    await page.waitForTimeout(THROTTLED_MS + AFTER_MS);
    const samples = await page.evaluate(() => {
      const { startMs, log } = globalThis as unknown as { startMs: number; log: Sample[] };
      return log.map(({ atMs, stats }) => ({ atMs: atMs - startMs, stats }));
    });
    save("throttle", { takenBps, samples });
    return report(takenBps, samples);
  } finally {
    await browser.close();
  }
}

function report(takenBps: number, samples: readonly Sample[]): string {
  const part = (fromMs: number, toMs: number): string[] => {
    const seen = samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    const ages = seen.flatMap(({ stats }) => stats.ageMs ?? []).sort((a, b) => a - b);
    const [first, last] = [seen[0], seen.at(-1)];
    if (first === undefined || last === undefined || ages.length === 0) return ["–", "–", "–", "–"];
    const painted = last.stats.framesPainted - first.stats.framesPainted;
    return [
      `${((painted * 1000) / (last.atMs - first.atMs)).toFixed(1)}`,
      `${ms(ages[Math.floor(ages.length / 2)] ?? 0)}`,
      `${ms(ages.at(-1) ?? 0)}`,
      `${last.stats.framesFailed}`,
    ];
  };
  // The first sample from which on a second has all pictures.
  const full = samples.find(({ atMs, stats }) => {
    const later = samples.find((sample) => sample.atMs >= atMs + 1000);
    if (atMs < THROTTLED_MS || later === undefined) return false;
    const painted = later.stats.framesPainted - stats.framesPainted;
    return (painted * 1000) / (later.atMs - atMs) >= FULL_PART * RATE;
  });
  const rows = [
    ["before", ...part(-BEFORE_MS + 2000, 0)],
    ["half of it for 20 s", ...part(0, THROTTLED_MS)],
    ["released", ...part(THROTTLED_MS, Number.POSITIVE_INFINITY)],
  ];
  const back = full === undefined ? "not again" : `after ${((full.atMs - THROTTLED_MS) / 1000).toFixed(1)} s`;
  const title = `${SOURCE} as \`h264\` (${(takenBps / 1e6).toFixed(2)} Mbit/s), full rate again ${back}`;
  return table(title, ["link", "frames/s", "age p50", "most", "decoder failures, in all"], rows);
}

/** What the track takes, over a link without a limit. */
async function bitsPerSecond(browser: Browser, port: number): Promise<number> {
  const page = await open(browser, port);
  await page.waitForTimeout(BEFORE_MS);
  const bytes = await page.evaluate(
    () => document.querySelector<HTMLElement & { stats: Stats }>("hello-camera")?.stats.bytesPerSecond,
  );
  await page.close();
  if (bytes === undefined || bytes === 0) throw new Error("the page shows nothing");
  return 8 * bytes;
}

/** The page, which keeps what it says of itself. */
async function open(browser: Browser, port: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(() => {
    const log: { atMs: number; stats: Stats }[] = [];
    Object.assign(globalThis, { log });
    addEventListener(
      "stats",
      (event) => log.push({ atMs: performance.now(), stats: (event as CustomEvent<Stats>).detail }),
      true,
    );
  });
  await page.goto(`http://127.0.0.1:${port}/?track=h264`);
  return page;
}
