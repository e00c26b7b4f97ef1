import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../support/program.ts";
import { has } from "../support/tools.ts";
import { homeThatTrusts } from "../support/trust.ts";
import { openChromium } from "./browsers.ts";
import { untilMoved, untilPainted, untilState } from "./view.ts";

const TOKEN = "a-token-of-the-test";
/** Another name of this machine than one that means loopback: there every browser trusts http as well. */
const NAME = `${hostname().split(".")[0]?.toLowerCase()}.local`;

describe.skipIf(!has("sh", "-c", "command -v certutil"))("--tls auto", () => {
  let program: Program;
  let browser: Browser;
  let port: string;
  let authority: string;

  beforeAll(async () => {
    const state = mkdtempSync(join(tmpdir(), "hello-state-"));
    program = await Program.start(
      ["up", "--port", "0", "--tls", "auto", "--token", TOKEN, "--camera", "test=test:640x360@30"],
      { HELLO_STATE: state },
    );
    await program.says(/SHA-256 of its authority/);
    port = new URL(program.firstLine).port;
    authority = join(state, "tls", "authority", "certificate.pem");
    browser = await openChromium({ home: homeThatTrusts(authority) });
  });
  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
  });

  test("a browser that trusts its authority has a secure context, and plays with WebCodecs", async () => {
    expect(program.firstLine).toBe(`https://localhost:${port}`);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    // In the clear, as people type it: the server sends them to https.
    await page.goto(`http://${NAME}:${port}/?token=${TOKEN}`);
    expect(page.url()).toBe(`https://${NAME}:${port}/`);
    await untilState(page, "live");
    await untilMoved(page);
    const seen = await untilPainted(page, 30);
    expect(seen.way?.decoder).toBe("webcodecs");
    const facts = await page.evaluate(() => ({ isSecureContext, codecs: typeof VideoDecoder }));
    expect(facts).toEqual({ isSecureContext: true, codecs: "function" });
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ secure: true, httpOnly: true });
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("a browser that does not trust it is stopped", async () => {
    const stranger = await openChromium();
    const page = await stranger.newPage();
    await expect(page.goto(`https://${NAME}:${port}/`)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
    await stranger.close();
  });

  test("curl verifies every name and address with the certificate that the page offers", async () => {
    const page = await fetch(`http://127.0.0.1:${port}/trust`);
    const text = await page.text();
    const fingerprint = /([0-9A-F]{2}:){31}[0-9A-F]{2}/;
    expect(fingerprint.exec(text)?.[0]).toBe(fingerprint.exec(program.stdout)?.[0]);
    const curl = (host: string): string =>
      execFileSync(
        "curl",
        [
          "-sS",
          "--cacert",
          authority,
          "--resolve",
          `${NAME}:${port}:127.0.0.1`,
          `https://${host}:${port}/trust`,
        ],
        { encoding: "utf8" },
      );
    for (const host of ["localhost", "127.0.0.1", NAME]) expect(curl(host)).toBe(text);
    const download = await fetch(`http://127.0.0.1:${port}/trust/hello-websocket.crt`);
    expect(download.headers.get("content-type")).toBe("application/x-x509-ca-cert");
  });
});
