import { execFileSync } from "node:child_process";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { Proxy, type ProxyKind } from "../support/proxy.ts";
import { has } from "../support/tools.ts";
import { certificateFor, homeThatTrusts, type ProxyCertificate } from "../support/trust.ts";
import { openChromium } from "./browsers.ts";
import { freePort } from "./port.ts";
import { PATIENCE, untilMoved, untilPainted, untilState } from "./view.ts";

const NAME = "home.local";
const TOKEN = "a-token-of-the-test";
const READY = has("sh", "-c", "command -v certutil curl");

const PROXIES: readonly [string, ProxyKind, ((lines: string) => string) | undefined][] = [
  ["nginx, which leaves the path", "nginx", undefined],
  ["nginx, which cuts the path off", "nginx", (lines) => lines.replace(/(proxy_pass +[^;]+);/, "$1/;")],
  ["Caddy, which cuts the path off", "caddy", undefined],
  ["HAProxy, which leaves the path", "haproxy", undefined],
];

describe.skipIf(!READY)("behind a proxy with TLS, below a path", () => {
  let program: Program;
  let browser: Browser;
  let certificate: ProxyCertificate;

  beforeAll(async () => {
    const options = ["--base-path", "/cam", "--trust-proxy", "127.0.0.1", "--token", TOKEN];
    program = await Program.start(["up", "--port", "0", ...options, "--camera", "test=test:640x360@30"]);
    certificate = await certificateFor(NAME);
    browser = await openChromium({ home: homeThatTrusts(certificate.authorityFile) });
  });
  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
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
        await untilState(page, "live");
        await untilMoved(page);
        expect((await untilPainted(page, 30)).way?.decoder).toBe("webcodecs");
        // As a dashboard would show it.
        const size = (address: string): Promise<number> =>
          page.evaluate(async (source) => {
            const image = document.querySelector<HTMLImageElement>(`img[src="${source}"]`) ?? new Image();
            if (!image.isConnected) {
              image.src = source;
              document.body.append(image);
            }
            return image.naturalWidth;
          }, address);
        await expect.poll(() => size("cameras/test/snapshot.jpg"), PATIENCE).toBe(640);
        await expect.poll(() => size("cameras/test/stream.mjpg"), PATIENCE).toBe(640);
        expect(complaints).toEqual([]);
        await page.close();
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
        expect(curl("-D-", "-o", "/dev/null", `${base}?token=${TOKEN}`)).toMatch(/path=\/cam\/; secure/i);
      },
    );
  });
});
