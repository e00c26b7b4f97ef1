import { z } from "zod";
import { parseRange } from "../server/address-range.ts";
import { isBasePath } from "../server/outside.ts";
import type { Option, SetOption } from "./options.ts";

/** Names at the top of the server's own paths: below one of them it could not tell whether a proxy has cut the path. */
const OWN_PATHS: ReadonlySet<string> = new Set(
  "api arrival assets cameras healthz login logout metrics openapi.json readyz session shares snapshot state stream trust ws".split(
    " ",
  ),
);

/** Settings of who comes to the server and how: TLS, and proxies in front of it. */
export interface DoorOptions {
  readonly tls: SetOption<"auto" | "off">;
  readonly tlsCert: Option<string>;
  readonly tlsKey: Option<string>;
  readonly basePath: SetOption<string>;
  readonly trustProxy: SetOption<readonly string[]>;
}

const file = z.string().min(1).max(4096);

/** See {@link DoorOptions}. */
export const DOOR_OPTIONS: DoorOptions = {
  tls: {
    key: "tls",
    flag: "--tls <mode>",
    variable: "HELLO_TLS",
    help: "auto: https with a certificate of this machine's own; off (off)",
    expected: "auto or off",
    fallback: "off",
    schema: z.enum(["auto", "off"]),
  },
  tlsCert: {
    key: "tlsCert",
    flag: "--tls-cert <file>",
    variable: "HELLO_TLS_CERT",
    help: "https with this certificate and its chain (PEM); followed when it is renewed",
    expected: "a file",
    schema: file,
  },
  tlsKey: {
    key: "tlsKey",
    flag: "--tls-key <file>",
    variable: "HELLO_TLS_KEY",
    help: "private key of --tls-cert (PEM)",
    expected: "a file",
    schema: file,
  },
  basePath: {
    key: "basePath",
    flag: "--base-path <path>",
    variable: "HELLO_BASE_PATH",
    help: "path below which a proxy shows this server, such as /cam/ (/)",
    expected:
      "a path such as /cam/ of letters, digits and . _ ~ -, whose first name is none of the server's own, such as cameras",
    fallback: "/",
    schema: z
      .string()
      .refine((path) => isBasePath(path) && !OWN_PATHS.has(path.split("/")[1] ?? ""))
      .transform((path) => (path.endsWith("/") ? path : `${path}/`)),
  },
  trustProxy: {
    key: "trustProxy",
    flag: "--trust-proxy <addresses>",
    variable: "HELLO_TRUST_PROXY",
    help: "proxies whose X-Forwarded-… headers are believed, such as 127.0.0.1,10.0.0.0/8",
    expected: "addresses or ranges with commas between them, such as 127.0.0.1,10.0.0.0/8",
    fallback: [],
    schema: z
      .union([
        z.string().transform((text) => text.split(",").map((part) => part.trim())),
        z.array(z.string()),
      ])
      .refine((ranges) => ranges.every(isRange)),
  },
};

function isRange(text: string): boolean {
  try {
    parseRange(text);
    return true;
  } catch {
    return false;
  }
}
