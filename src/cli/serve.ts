import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Bus } from "../bus/index.ts";
import * as Server from "../server/server.ts";
import { pageUrl } from "./addresses.ts";
import type { Program } from "./program.ts";

/** Bytes of a token that is made here. */
const TOKEN_BYTES = 18;

/** Start the server on `bus` and tell the user where. An address that others can reach gets a token. */
export async function serve(bus: Bus, { config, signal, say }: Program): Promise<Server.RunningServer> {
  const { host, port, open } = config;
  const token = config.token ?? (open ? randomBytes(TOKEN_BYTES).toString("base64url") : undefined);
  const pageDirectory = fileURLToPath(new URL("../page/", import.meta.url));
  const server = await Server.run({ bus, host, port, token, pageDirectory, signal });
  say(pageUrl(host, server.port, token));
  return server;
}
