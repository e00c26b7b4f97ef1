import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { openChromium } from "./browsers.ts";
import { PATIENCE, untilMoved } from "./view.ts";

const SOURCE = "test:640x360@10";

let folder: string;
let program: Program;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-reload-"));
  write({ attic: SOURCE, barn: SOURCE });
  program = await Program.start(["up", "--port", "0", "--config", join(folder, "hello.yaml")]);
  browser = await openChromium();
});
afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function write(cameras: Readonly<Record<string, unknown>>): void {
  writeFileSync(join(folder, "new"), JSON.stringify({ cameras }));
  renameSync(join(folder, "new"), join(folder, "hello.yaml"));
}

/** What the wall shows: cameras, and their names. */
function wall(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("hello-camera")].map(
      (tile) => `${tile.getAttribute("camera")}: ${tile.querySelector("a")?.textContent ?? ""}`,
    ),
  );
}

test("an open page shows what the file says: tiles come, change and go, and the others go on", async () => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(program.firstLine);
  for (const id of ["attic", "barn"]) await untilMoved(page, id);
  await page.evaluate(() =>
    document.querySelector("hello-camera[camera=attic]")?.setAttribute("data-first", ""),
  );

  write({ attic: SOURCE, barn: SOURCE, cellar: SOURCE });
  await expect.poll(() => wall(page), PATIENCE).toEqual(["attic: attic", "barn: barn", "cellar: cellar"]);
  for (const id of ["attic", "barn", "cellar"]) await untilMoved(page, id);

  write({ attic: SOURCE, barn: { source: "test:320x180@10", name: "The barn" }, cellar: SOURCE });
  await expect.poll(() => wall(page), PATIENCE).toEqual(["attic: attic", "cellar: cellar", "barn: The barn"]);
  await untilMoved(page, "barn");

  write({ attic: SOURCE, cellar: SOURCE });
  await expect.poll(() => wall(page), PATIENCE).toEqual(["attic: attic", "cellar: cellar"]);
  for (const id of ["attic", "cellar"]) await untilMoved(page, id);

  // The tile that nothing was changed of is the one that was there at first, and its address did not.
  expect(await page.locator("hello-camera[camera=attic]").getAttribute("data-first")).toBe("");
  // Somebody who looks at one camera alone is led back to the wall when it is removed.
  await page.goto(`${program.firstLine}/#cellar`);
  await untilMoved(page, "cellar");
  write({ attic: SOURCE, barn: SOURCE });
  await expect.poll(() => wall(page), PATIENCE).toEqual(["attic: attic", "barn: barn"]);
  for (const id of ["attic", "barn"]) await untilMoved(page, id);
  expect(complaints).toEqual([]);
});
