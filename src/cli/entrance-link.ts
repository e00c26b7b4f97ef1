import qrcode from "qrcode";
import { pageUrl } from "./addresses.ts";
import type { Config } from "./config.ts";

/**
 * Say where the page is. With the token on a terminal, and once where the token is new: other output is a log, which is kept,
 * sent around and read by others. On a terminal also as a picture for a phone, where others can reach the page. `authority`: in PEM, of a
 * server with one of its own; it is said what that is known by.
 */
export async function sayLink(
  say: (line: string) => void,
  { host, open, door }: Pick<Config, "host" | "open" | "door">,
  port: number,
  { token, isNew }: { readonly token: string | undefined; readonly isNew: boolean },
  authority?: string,
): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  const shown = isTerminal || isNew ? token : undefined;
  const scheme = door.tls.mode === "off" ? "http" : "https";
  const { basePath } = door.surroundings;
  const link = pageUrl(host, port, shown, { scheme, path: basePath });
  say(link);
  if (token !== undefined && shown === undefined) {
    say("it asks for a login; `hello-websocket link` tells the link that opens it");
  }
  if (isTerminal && open) say(await qrcode.toString(link, { type: "terminal", small: true }));
  if (authority === undefined) return;
  const { TrustPage } = await import("../server/tls/trust-page.ts");
  const { fingerprint } = new TrustPage(authority);
  // In the clear: before a device trusts the authority, https is a warning.
  say(`to trust it on a phone: ${pageUrl(host, port, undefined, { path: `${basePath}trust` })}`);
  say(`SHA-256 of its authority: ${fingerprint}`);
}
