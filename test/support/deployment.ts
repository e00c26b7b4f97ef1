import { readFileSync } from "node:fs";
import { parse } from "yaml";

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

/** What a service of a compose file runs. */
export interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The services of the compose file in docs/deployment.md, with the values of its variables in place. */
export function documentedCompose(
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, Service>> {
  const text = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  const compose = text.find((block) => block.includes("services:")) ?? "";
  const filled = compose.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`the compose file wants \${${name}}, which nobody told`);
    return value;
  });
  return (parse(filled, { merge: true }) as { services: Record<string, Service> }).services;
}
