import { constants } from "node:os";
import { run } from "../lab/lab.ts";
import { netnsRefusal } from "../lab/netns-link.ts";
import { SCENARIOS, type Scenario } from "../lab/scenario.ts";
import { RIVAL_NAMES } from "../lab/subject.ts";
import { onHangUp } from "./hang-up.ts";
import { UsageError } from "./usage-error.ts";

/** Longest measurement, in seconds: the lab always ends by itself. */
const MAX_SECONDS = 3600;

/** What `lab` was told, as commander reads it. */
export interface LabFlags {
  readonly list?: boolean;
  readonly seconds?: string;
  readonly link?: string;
  readonly client?: string;
  readonly against?: readonly string[];
  readonly rival?: readonly string[];
  readonly out?: string;
}

/** The wish to end early. */
interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit status that tells of it, as of a command that the signal ends; `undefined`: nobody wished it. */
  status(): number | undefined;
}

/** `lab`: watch this server, and rivals, over bad links. `file`: this command. */
export async function lab(
  names: readonly string[],
  flags: LabFlags,
  file: string,
  say: (line: string) => void,
): Promise<void> {
  const scenarios = names.map(scenarioNamed);
  if (flags.list === true) {
    for (const { name, title } of SCENARIOS) say(`${name.padEnd(14)}${title}`);
    return;
  }
  const against = flags.against ?? [];
  for (const name of against) rivalNamed(name, "--against");
  const { link } = flags;
  if (link !== undefined && link !== "proxy" && link !== "netns") {
    throw new UsageError(`--link: "${link}" is not right: expected proxy or netns`);
  }
  const { client = "protocol" } = flags;
  if (client !== "protocol" && client !== "chromium") {
    throw new UsageError(`--client: "${client}" is not right: expected protocol or chromium`);
  }
  const interrupt = firstInterrupt();
  const { signal } = interrupt;
  try {
    const well = await run({
      scenarios: scenarios.length > 0 ? scenarios : allOver(link, say),
      seconds: seconds(flags.seconds ?? "30"),
      link,
      client,
      against: against.length > 0 ? against : RIVAL_NAMES,
      rivals: new Map((flags.rival ?? []).map(rivalPath)),
      out: flags.out,
      command: [process.execPath, file],
      say,
      signal,
    });
    process.exit(interrupt.status() ?? (well ? 0 : 1));
  } catch (error) {
    const status = interrupt.status();
    if (status === undefined) throw error;
    process.exit(status);
  }
}

/** All scenarios that a link of this kind can play; which it cannot is said. */
function allOver(link: string | undefined, say: (line: string) => void): readonly Scenario[] {
  if (link !== "netns") return SCENARIOS;
  for (const scenario of SCENARIOS) {
    const refusal = netnsRefusal(scenario.link);
    if (refusal !== undefined) say(`${scenario.name}: left out: with --link netns, ${refusal}`);
  }
  return SCENARIOS.filter((scenario) => netnsRefusal(scenario.link) === undefined);
}

// Unlike other programs it is not ended after a time: it has to take down what it started, and each part of that is
// bounded. The second wish ends it at once.
function firstInterrupt(): Interrupt {
  const controller = new AbortController();
  let status: number | undefined;
  const end = (name: "SIGINT" | "SIGTERM" | "SIGHUP"): void => {
    status ??= 128 + constants.signals[name];
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, end);
  onHangUp(() => end("SIGHUP"));
  return { signal: controller.signal, status: () => status };
}

function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((known) => known.name === name);
  if (scenario !== undefined) return scenario;
  throw new UsageError(
    `lab: scenario "${name}" is not known: expected ${SCENARIOS.map((known) => known.name).join(", ")}`,
  );
}

function rivalNamed(name: string, where: string): string {
  if (RIVAL_NAMES.includes(name)) return name;
  throw new UsageError(`${where}: rival "${name}" is not known: expected ${RIVAL_NAMES.join(", ")}`);
}

function rivalPath(text: string): [string, string] {
  const [name = "", ...path] = text.split("=");
  if (path.length === 0) throw new UsageError(`--rival: "${text}" is not right: expected NAME=PATH`);
  return [rivalNamed(name, "--rival"), path.join("=")];
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 1 && value <= MAX_SECONDS) return value;
  throw new UsageError(`--seconds: "${text}" is not right: expected seconds from 1 to ${MAX_SECONDS}`);
}
