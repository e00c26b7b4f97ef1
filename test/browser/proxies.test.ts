import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashPassword } from "../../src/server/access/password.ts";
import { Program } from "../support/program.ts";
import { Proxy, type ProxyKind } from "../support/proxy.ts";
import { has } from "../support/tools.ts";
import { certificateFor, homeThatTrusts, type ProxyCertificate } from "../support/trust.ts";
import { openChromium } from "./browsers.ts";
import { freePort } from "./port.ts";
import { PATIENCE, untilMoved, untilPainted, untilState } from "./view.ts";

const NAME = "home.local";
const TOKEN = "a-token-of-the-test";
const PASSWORD = "correct horse battery";
const READY = has("sh", "-c", "command -v certutil curl");

const PROXIES: readonly [string, ProxyKind, ((lines: string) => string) | undefined][] = [
  ["nginx, which leaves the path", "nginx", undefined],
  ["nginx, which cuts the path off", "nginx", (lines) => lines.replace(/(proxy_pass +[^;]+);/, "$1/;")],
  ["Caddy, which cuts the path off", "caddy", undefined],
  ["HAProxy, which leaves the path", "haproxy", undefined],
];

describe.skipIf(!READY)("behind a proxy with TLS, below a path", () => {
  let folder: string;
  let program: Program;
  let browser: Browser;
  let certificate: ProxyCertificate;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hello-proxies-"));
    const config = join(folder, "hello.yaml");
    writeFileSync(
      config,
      `users:\n  anna: { password: "${await hashPassword(PASSWORD)}", role: view, cameras: [test] }\n`,
    );
    const options = [
      "--config",
      config,
      "--base-path",
      "/cam",
      "--trust-proxy",
      "127.0.0.1",
      "--token",
      TOKEN,
    ];
    program = await Program.start(["up", "--port", "0", ...options, "--camera", "test=test:640x360@30"]);
    certificate = await certificateFor(NAME);
    browser = await openChromium({ home: homeThatTrusts(certificate.authorityFile) });
  });
  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  describe.each(PROXIES)("%s", (_, kind, edit) => {
    let proxy: Proxy;
    let base: string;
    let port: number;

    beforeAll(async () => {
      port = await freePort();
      const server = `127.0.0.1:${new URL(program.firstLine).port}`;
      proxy = await Proxy.start(kind, { name: NAME, port, server, certificate, ...(edit && { edit }) });
      base = `https://${NAME}:${port}/cam/`;
    });
    afterAll(() => proxy?.[Symbol.asyncDispose]());

    test.skipIf(!has("sh", "-c", `PATH=$PATH:/usr/sbin; command -v ${kind}`))(
      "page, WebSocket, MJPEG and snapshot all work in a browser",
      async () => {
        const page = await browser.newPage();
        const complaints: string[] = [];
        page.on("console", (message) => {
          if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
        });
        await page.goto(`${base}?token=${TOKEN}`);
        expect(page.url()).toBe(base);
        const cookies = await page.context().cookies();
        expect(cookies).toMatchObject([{ path: "/cam/", secure: true, httpOnly: true }]);
        await untilAllIsThere(page);
        expect(complaints).toEqual([]);
        await page.close();
      },
    );

    test.skipIf(!has("sh", "-c", `PATH=$PATH:/usr/sbin; command -v ${kind}`))(
      "who logs in by the form sees all of it, and nothing once logged out",
      async () => {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
        const page = await context.newPage();
        await page.goto(`https://${NAME}:${port}/cam`);
        expect(page.url()).toBe(`${base}login`);
        const login = async (password: string): Promise<void> => {
          await page.getByLabel("Name").fill("anna");
          await page.getByLabel("Password").fill(password);
          await page.getByRole("button", { name: "Log in", exact: true }).click();
        };
        await login("wrong horse battery");
        await expect.poll(() => page.getByRole("alert").innerText(), PATIENCE).toMatch(/password is wrong/);
        await login(PASSWORD);
        await page.waitForURL(base);
        expect(await context.cookies()).toMatchObject([
          { path: "/cam/", secure: true, httpOnly: true, sameSite: "Lax" },
        ]);
        await untilAllIsThere(page);
        if (process.env["SCREENSHOTS"] !== undefined) {
          await page.screenshot({ path: join(process.env["SCREENSHOTS"], "proxy-login.png") });
        }
        await page.getByRole("button", { name: "Log out" }).click();
        await page.waitForURL(`${base}login`);
        expect(await context.cookies()).toEqual([]);
        await page.goto(`${base}cameras/test/snapshot.jpg`);
        expect(page.url()).toBe(`${base}login`);
        await context.close();
      },
    );

    test.skipIf(!has("sh", "-c", `PATH=$PATH:/usr/sbin; command -v ${kind}`))(
      "a request arrives as its client sent it",
      async () => {
        const curl = (...args: string[]): string =>
          execFileSync(
            "curl",
            ["-sS", "--cacert", certificate.authorityFile, "--resolve", `${NAME}:${port}:127.0.0.1`, ...args],
            { encoding: "utf8" },
          );
        const seen = JSON.parse(curl("-H", `Authorization: Bearer ${TOKEN}`, `${base}arrival`));
        const host = `${NAME}:${port}`;
        expect(seen).toMatchObject({
          host,
          scheme: "https",
          path: "/cam/",
          trusted: true,
          address: "127.0.0.1",
        });
        expect(curl("-D-", `https://${host}/cam`)).toMatch(/location: \S*\/cam\/\s/i);
        const led = curl("-D-", "-o", "/dev/null", "-H", "Accept: text/html", `${base}?token=${TOKEN}`);
        expect(led).toMatch(/path=\/cam\/; max-age=\d+; secure/i);
      },
    );
  });
});

/** Wait until the page plays over the WebSocket, and shows a snapshot and MJPEG as a dashboard would. */
async function untilAllIsThere(page: Page): Promise<void> {
  await untilState(page, "live");
  await untilMoved(page);
  expect((await untilPainted(page, 30)).way?.decoder).toBe("webcodecs");
  const size = (address: string): Promise<number> =>
    page.evaluate(async (source) => {
      const image = document.querySelector<HTMLImageElement>(`img[src="${source}"]`) ?? new Image();
      if (!image.isConnected) {
        image.src = source;
        image.height = 90;
        document.body.append(image);
      }
      return image.naturalWidth;
    }, address);
  await expect.poll(() => size("cameras/test/snapshot.jpg"), PATIENCE).toBe(640);
  await expect.poll(() => size("cameras/test/stream.mjpg"), PATIENCE).toBe(640);
}
