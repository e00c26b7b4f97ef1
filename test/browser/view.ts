import { expect } from "vitest";
import type { HelloCamera } from "../../src/client/hello-camera.ts";
import type { Stats, ViewState } from "../../src/client/index.ts";

/** A tab of either browser: as much of it as both drivers have. */
export interface Tab {
  evaluate<T>(run: () => T | Promise<T>): Promise<T>;
  evaluate<T, A>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
}

/** How long anything may take. Conditions are awaited, so this is only spent by what is broken. */
export const PATIENCE = { timeout: 30_000, interval: 50 } as const;

/** No age is above this where clocks are compared as they should be; one that is off shows hours. How fresh is the lab's question. */
export const SANE_AGE_MS = 60_000;

/** How the camera `id` does in a tab; `undefined` if the page does not show it. */
export async function stats(tab: Tab, id = "test"): Promise<Stats | undefined> {
  return tab.evaluate(
    (camera) => document.querySelector<HelloCamera>(`hello-camera[camera="${camera}"]`)?.stats,
    id,
  );
}

/** Wait until the camera is in `state`. */
export async function untilState(tab: Tab, state: ViewState, id = "test"): Promise<Stats> {
  await expect.poll(async () => (await stats(tab, id))?.state, PATIENCE).toBe(state);
  return (await stats(tab, id))!;
}

/** Wait until `more` pictures have been painted from now on. */
export async function untilPainted(tab: Tab, more: number, id = "test"): Promise<Stats> {
  const before = (await stats(tab, id))?.framesPainted ?? 0;
  await expect
    .poll(async () => (await stats(tab, id))?.framesPainted ?? 0, PATIENCE)
    .toBeGreaterThanOrEqual(before + more);
  return (await stats(tab, id))!;
}

/**
 * The number that the test picture carries along its bottom edge, read from what the element shows now: its canvas, or
 * the `<video>` that lies over it.
 * `undefined` before the first picture.
 */
export async function counter(tab: Tab, id = "test"): Promise<number | undefined> {
  const row = await tab.evaluate((camera) => {
    const element = document.querySelector<HTMLElement>(`hello-camera[camera="${camera}"]`);
    const root = element?.shadowRoot;
    const video = element?.dataset["decoder"] === "mse" ? root?.querySelector("video") : undefined;
    const shown = video ?? root?.querySelector("canvas");
    const copy = document.createElement("canvas");
    copy.width = video?.videoWidth ?? shown?.width ?? 0;
    copy.height = video?.videoHeight ?? shown?.height ?? 0;
    if (shown == null || copy.width === 0) return undefined;
    const context = copy.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(shown, 0, 0);
    return [...context.getImageData(0, copy.height - 4, copy.width, 1).data];
  }, id);
  return row === undefined ? undefined : readStrip(row);
}

/** The same from a screenshot (PNG) of the element; `blank` is a tab that no policy forbids to decode it. */
export async function screenshotCounter(blank: Tab, png: Uint8Array): Promise<number> {
  const row = await blank.evaluate(async (base64) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d")!;
    context.drawImage(picture, 0, 0);
    // Some way up: the element's corners are round.
    return [...context.getImageData(0, picture.height - 8, picture.width, 1).data];
  }, Buffer.from(png).toString("base64"));
  return readStrip(row);
}

// 32 blocks side by side, white for 1, the most significant first; one row of RGBA pixels tells them all.
function readStrip(row: readonly number[]): number {
  const block = row.length / 4 / 32;
  let value = 0;
  for (let bit = 0; bit < 32; bit++) {
    const middle = Math.floor((bit + 0.5) * block) * 4;
    value = value * 2 + ((row[middle] ?? 0) > 127 ? 1 : 0);
  }
  return value;
}

/** Wait until the picture itself moves: another counter, and then a larger one. A camera that starts anew counts from 0. */
export async function untilMoved(tab: Tab, id = "test"): Promise<void> {
  await expect.poll(() => counter(tab, id), PATIENCE).toBeDefined();
  const first = await counter(tab, id);
  await expect.poll(() => counter(tab, id), PATIENCE).not.toBe(first);
  const second = (await counter(tab, id))!;
  await expect.poll(() => counter(tab, id), PATIENCE).toBeGreaterThan(second);
}
