import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { namesOf, removeDevices } from "./netns-link.ts";

/** Where `ip` keeps the names of namespaces. */
const FOLDER = "/run/netns";

/**
 * Remove what labs that were killed could not: their namespaces, with the programs in them, and their ends of the links. Call it
 * before this process opens a link of its own. Returns the names of the namespaces.
 */
export function removeLeftovers(): readonly string[] {
  const removed = deadLabs(names(), isAlive);
  for (const pid of removed) {
    const { namespace } = namesOf(pid);
    for (const program of programsIn(namespace)) end(program);
    removeDevices(pid);
  }
  return removed.map((pid) => namesOf(pid).namespace);
}

/** Of these namespaces, the labs that are gone. A number that is this process's own now was another's before. */
export function deadLabs(
  namespaces: readonly string[],
  alive: (pid: number) => boolean,
  own: number = process.pid,
): readonly number[] {
  const pids = namespaces.flatMap((name) => {
    const pid = Number(/^hello-lab-([1-9]\d*)$/.exec(name)?.[1] ?? 0);
    return pid > 0 ? [pid] : [];
  });
  return pids.filter((pid) => pid === own || !alive(pid));
}

function names(): readonly string[] {
  try {
    return readdirSync(FOLDER);
  } catch {
    // Nobody has made one yet.
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function programsIn(namespace: string): readonly number[] {
  try {
    const output = execFileSync("ip", ["netns", "pids", namespace], { stdio: ["ignore", "pipe", "ignore"] });
    return String(output).split("\n").filter(Boolean).map(Number);
  } catch {
    // Only the name was left.
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It ended by itself, or with its parent.
  }
}
