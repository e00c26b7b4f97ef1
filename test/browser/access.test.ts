import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { hashPassword } from "../../src/server/access/password.ts";
import { Program } from "../support/program.ts";
import { LAN_NAME, openChromium } from "./browsers.ts";
import { PATIENCE, untilMoved, untilState } from "./view.ts";

const TOKEN = "a-token-for-tests";
const PASSWORD = "correct horse battery";

let folder: string;
let program: Program;
let browser: Browser;
let base: string;
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-access-"));
  const config = join(folder, "hello.yaml");
  const password = await hashPassword(PASSWORD);
  writeFileSync(
    config,
    `users:\n  anna: { password: "${password}", role: view }\n  boss: { password: "${password}", role: admin }\n` +
      "cameras:\n  test: { source: 'test:320x180@15', name: Front door }\n  yard: { source: 'test:320x180@15', name: The yard }\n",
  );
  program = await Program.start([
    "up",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--config",
    config,
    "--token",
    TOKEN,
  ]);
  // As another machine of the network: there is no secure context, and so no clipboard for scripts.
  base = `http://${LAN_NAME}:${new URL(program.firstLine).port}`;
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

/** Another person's browser. A refusal that is wanted is said on the console too. */
async function person(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isRefusal = /status of 401|WebSocket connection to .* failed/.test(message.text());
    if (message.type() === "error" && !isRefusal) complaints.push(message.text());
  });
  return { context, page };
}

async function login(page: Page, name: string, password: string): Promise<void> {
  await page.goto(base);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

test("who logs in sees the cameras, and what only admins may is hidden; logged out, there is nothing", async () => {
  const { page, context } = await person();
  await login(page, "anna", "wrong horse battery");
  // The form stands where a person sees it, whole and without scrolling.
  const heading = await page.getByRole("heading", { name: "Log in" }).boundingBox();
  expect(heading?.y).toBeGreaterThan(0);
  expect((await page.locator("main").boundingBox())?.height).toBeGreaterThan(700);
  await expect.poll(() => page.getByRole("alert").innerText(), PATIENCE).toMatch(/password is wrong/);
  await login(page, "anna", PASSWORD);
  await untilState(page, "live");
  await untilMoved(page);
  expect(new URL(page.url()).pathname).toBe("/");
  expect(await page.getByText("anna").isVisible()).toBe(true);
  expect(await page.getByRole("button", { name: "Share" }).count()).toBe(0);
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Lax" }]);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(/\/login$/);
  await page.goto(base);
  expect(new URL(page.url()).pathname).toBe("/login");
});

test("the link with the token leads to the page without it", async () => {
  const { page } = await person();
  await page.goto(`${base}/?token=${TOKEN}`);
  await untilState(page, "live");
  expect(page.url()).toBe(`${base}/`);
  expect(await page.evaluate(() => document.cookie)).toBe("");
});

test("an admin shares a camera with a link and a QR code; revoked, its viewer is out at once", async () => {
  const { page } = await person();
  await login(page, "boss", PASSWORD);
  await untilState(page, "live");
  await page.getByRole("button", { name: "Share" }).click();
  // Keys mean nothing to the cameras behind the dialog: not with its button focused, and not where a click beside it has left nothing so.
  await page.getByRole("dialog", { name: "Share links" }).waitFor();
  await page.keyboard.press("1");
  await page.mouse.click(5, 5);
  await page.keyboard.press("1");
  expect(page.url()).toBe(`${base}/`);
  await page.getByRole("checkbox", { name: "Front door" }).check();
  await page.getByLabel("For whom").fill("the neighbours");
  await page.getByLabel("Viewers at once").fill("1");
  await page.getByRole("button", { name: "Make a link" }).click();
  const entry = page.getByRole("listitem").filter({ hasText: "the neighbours" });
  await entry.waitFor();
  expect(await entry.innerText()).toMatch(/Front door · watch · 0 of 1 watching · ends in 24 h/);
  await entry.getByRole("button", { name: "QR code" }).click();
  await entry.getByRole("img", { name: "The link as a QR code" }).waitFor();
  await entry.getByRole("button", { name: "Copy" }).click();
  await entry.getByRole("button", { name: "Copied" }).waitFor();
  const link = await entry.getByRole("textbox", { name: "Link" }).inputValue();
  expect(link).toMatch(/\/\?token=[\w.-]+#test$/);
  // On a small phone all of it is within the window.
  await page.setViewportSize({ width: 360, height: 640 });
  const shares = page.getByRole("dialog", { name: "Share links" });
  const overhang = (): Promise<number> =>
    shares.evaluate((dialog) =>
      Math.max(dialog.scrollWidth - dialog.clientWidth, dialog.getBoundingClientRect().right - innerWidth),
    );
  await expect.poll(overhang, PATIENCE).toBeLessThanOrEqual(0);
  if (process.env["SCREENSHOTS"] !== undefined) {
    await page.screenshot({ path: join(process.env["SCREENSHOTS"], "share.png") });
  }

  const guest = await person();
  await guest.page.goto(link);
  await untilState(guest.page, "live");
  expect(await guest.page.locator("hello-camera").count()).toBe(1);
  expect(await guest.page.getByText("The yard").count()).toBe(0);
  await expect.poll(() => entry.innerText(), PATIENCE).toMatch(/1 of 1 watching/);

  const late = await person();
  await late.page.goto(link);
  await expect.poll(() => late.page.locator("main").innerText(), PATIENCE).toMatch(/as many as may watch/);
  await late.context.close();

  await entry.getByRole("button", { name: "Revoke" }).click();
  await guest.page.waitForURL(/\/login$/);
  await entry.waitFor({ state: "detached" });

  const tooLate = await person();
  await tooLate.page.goto(link);
  await expect.poll(() => tooLate.page.getByRole("alert").innerText(), PATIENCE).toMatch(/was revoked/);
});

test("who has to log in first is led to the camera that the address names", async () => {
  const { page } = await person();
  await page.goto(`${base}/#test`);
  await page.getByLabel("Name").fill("boss");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await untilState(page, "live");
  expect(page.url()).toBe(`${base}/#test`);
});
