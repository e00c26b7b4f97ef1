import qrcode from "qrcode";
import { pageUrl } from "./addresses.ts";
import type { Config } from "./config.ts";

/**
 * Say where the page is. With the token on a terminal, and once where the token is new: other output is a log, which is kept,
 * sent around and read by others. On a terminal also as a picture for a phone, where others can reach the page.
 */
export async function sayLink(
  say: (line: string) => void,
  { host, open }: Pick<Config, "host" | "open">,
  port: number,
  { token, isNew }: { readonly token: string | undefined; readonly isNew: boolean },
): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  const shown = isTerminal || isNew ? token : undefined;
  const link = pageUrl(host, port, shown);
  say(link);
  if (token !== undefined && shown === undefined) {
    say("it asks for a login; `hello-websocket link` tells the link that opens it");
  }
  if (isTerminal && open) say(await qrcode.toString(link, { type: "terminal", small: true }));
}
