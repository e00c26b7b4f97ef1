import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser as Chromium, chromium } from "playwright-core";
import puppeteer, { type Browser as Firefox } from "puppeteer-core";

const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FIREFOX_NAMES = ["firefox-esr", "firefox"];

/** A name under which a browser of the tests finds this machine as if it were another one of the network. */
export const LAN_NAME = "camera.test";

// No sandbox: tests often run as root in a container. The rest keeps the browser from calling home.
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  `--host-resolver-rules=MAP ${LAN_NAME} 127.0.0.1,MAP *.local 127.0.0.1`,
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium: the one that `CHROMIUM` names, else the first on the path. `home`: where its user lives. */
export async function openChromium({ home }: { readonly home?: string } = {}): Promise<Chromium> {
  return chromium.launch({
    executablePath: find("CHROMIUM", CHROMIUM_NAMES),
    args: CHROMIUM_FLAGS,
    ...(home !== undefined && { env: { ...process.env, HOME: home } as Record<string, string> }),
  });
}

/** A headless Firefox: the one that `FIREFOX` names, else the first on the path. */
export async function openFirefox(): Promise<Firefox> {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: find("FIREFOX", FIREFOX_NAMES),
    headless: true,
  });
}

/** Whether there is a Firefox to test in. */
export function hasFirefox(): boolean {
  try {
    return find("FIREFOX", FIREFOX_NAMES) !== "";
  } catch {
    return false;
  }
}

function find(variable: string, names: readonly string[]): string {
  const named = process.env[variable];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there: the next one.
    }
  }
  throw new Error(`no ${names.join(", ")} on the path: install one, or name it in ${variable}`);
}
