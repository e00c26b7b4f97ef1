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
 * The number that the test picture carries along its bottom edge, read from what the element's canvas shows now: 32
 * blocks, white for 1, most significant first. `undefined` before the first picture.
 */
export async function counter(tab: Tab, id = "test"): Promise<number | undefined> {
  return tab.evaluate((camera) => {
    const element = document.querySelector(`hello-camera[camera="${camera}"]`);
    const shown = element?.shadowRoot?.querySelector("canvas");
    if (shown == null || shown.width === 0) return undefined;
    const copy = document.createElement("canvas");
    copy.width = shown.width;
    copy.height = shown.height;
    const context = copy.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(shown, 0, 0);
    const block = Math.floor(copy.width / 32);
    const row = context.getImageData(0, copy.height - 4, copy.width, 1).data;
    let value = 0;
    for (let bit = 0; bit < 32; bit++) {
      const middle = (bit * block + (block >> 1)) * 4;
      value = value * 2 + ((row[middle] ?? 0) > 127 ? 1 : 0);
    }
    return value;
  }, id);
}

/** Wait until the picture itself has moved on: its counter is larger than it was. */
export async function untilMoved(tab: Tab, id = "test"): Promise<void> {
  await expect.poll(() => counter(tab, id), PATIENCE).toBeGreaterThan(0);
  const before = (await counter(tab, id))!;
  await expect.poll(() => counter(tab, id), PATIENCE).toBeGreaterThan(before + 3);
}
