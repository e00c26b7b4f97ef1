import { redact } from "../../recorder/redact.ts";
import { configPath, type Origin, type Setting, type Settled, settle } from "../config.ts";
import { OPTIONS_BY_KEY } from "./file.ts";
import { nearest } from "./nearest.ts";

/** How the command `config` is asked. */
export interface ConfigFlags {
  readonly check?: string;
  readonly schema?: boolean;
  readonly json?: boolean;
}

/** Variables that are no options. */
const OTHER_VARIABLES = ["HELLO_CAMERA", "HELLO_CONFIG", "HELLO_STATE", "HELLO_UPSTREAM_TOKEN"];

/** One setting, as it is told. */
interface Line {
  readonly key: string;
  /** For people; never a secret. */
  readonly value: string;
  readonly from: string;
}

/**
 * `config`: every setting as it stands, and who has set it; `check`: whether a file is right, whatever else is set; `schema`: what may
 * stand in one.
 * @throws UsageError with all that is wrong
 */
export async function config(
  flags: ConfigFlags & Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  if (flags.schema === true) {
    say(JSON.stringify((await import("./schema.ts")).configSchema(), undefined, 2));
    return;
  }
  if (flags.check !== undefined) {
    const { config: checked } = await settle({ flags: { config: flags.check }, environment: {} });
    const { cameras, users } = checked;
    say(`${flags.check} is right: ${count(cameras.length, "camera")}, ${count(users.length, "user")}`);
    return;
  }
  const lines = report(await settle({ flags, environment }));
  if (flags.json === true) {
    say(JSON.stringify(lines, undefined, 2));
    return;
  }
  const [keys, values] = [width(lines.map(({ key }) => key)), width(lines.map(({ value }) => value))];
  for (const { key, value, from } of lines) say(`${key.padEnd(keys)}  ${value.padEnd(values)}  ${from}`);
  if (configPath({ flags, environment }) === undefined) {
    say("there is no config file: --config FILE or HELLO_CONFIG names one");
  }
  for (const sentence of strangers(environment)) say(sentence);
}

/** All that is set, and by whom. No secret is in it. */
export function report(settled: Settled): readonly Line[] {
  const {
    settings,
    config: { cameras, users },
    file,
  } = settled;
  const options = [...OPTIONS_BY_KEY.keys()].flatMap((key) => {
    const setting = settings.get(key);
    return setting === undefined ? [] : [{ key, value: told(setting), from: from(setting.origin) }];
  });
  const named = cameras.flatMap(({ id, source }) => {
    const origin = settled.cameras.get(id);
    const own =
      origin?.kind === "file" ? file?.cameras?.find(({ value }) => value.id === id)?.fields : undefined;
    return [
      { key: `cameras.${id}`, value: redact(source), from: from(origin) },
      ...[...(own ?? [])].map(([key, { written, place }]) => ({
        key: `cameras.${id}.${key}`,
        value: String(written),
        from: from({ kind: "file", place }),
      })),
    ];
  });
  const all = { key: "cameras", value: "all that are plugged in", from: "default" };
  return [
    ...options,
    ...(named.length === 0 ? [all] : named),
    ...users.map(({ name, role, cameras: seen }) => ({
      key: `users.${name}`,
      value: seen === undefined ? role : `${role} of ${seen.join(", ")}`,
      from: from(settled.users.get(name)),
    })),
  ];
}

/** The value of a setting, for people. */
function told({ option, value, written }: Setting): string {
  const { secret = false, otherwise } = option;
  if (value === undefined) return otherwise ?? "not set";
  if (secret === true) return "set, and not told";
  const text = Array.isArray(written) ? written.join(",") : String(written);
  return text === "" ? "none" : redact(text);
}

function from(origin: Origin | undefined): string {
  switch (origin?.kind) {
    case "option":
    case "variable":
      return origin.name;
    case "file":
      return `${origin.place.file}:${origin.place.line}`;
    default:
      return "default";
  }
}

/** Variables that look like ours and are none. */
function strangers(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = [...[...OPTIONS_BY_KEY.values()].map(({ variable }) => variable), ...OTHER_VARIABLES];
  return Object.keys(environment)
    .filter((name) => name.startsWith("HELLO_") && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      return `${name} is no variable of this program${near === undefined ? "" : `: did you mean ${near}?`}`;
    });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function width(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}
