import { readFileSync } from "node:fs";

const PAGE = readFileSync(new URL("../../docs/deployment.md", import.meta.url), "utf8");

/** A block of NATS's configuration from docs/deployment.md: what is written there is what is tested. */
export function documentedConfig(
  beginning: string,
  passwords: Readonly<Record<string, string>> = {},
): string {
  const blocks = [...PAGE.matchAll(/```conf\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  const found = blocks.find((text) => text.includes(beginning));
  if (found === undefined) throw new Error(`docs/deployment.md has no block with ${beginning}`);
  return found.replace(/\$([A-Z_]+)/g, (_, name: string) => JSON.stringify(passwords[name] ?? ""));
}
