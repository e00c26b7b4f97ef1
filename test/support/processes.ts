import { readdirSync, readFileSync } from "node:fs";

/** Processes of Linux that descend from this one, with the words of their commands. */
export function descendants(root: number): ReadonlyMap<number, string> {
  const parents = new Map(
    readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0)
      .map((pid) => [pid, statOf(pid)?.parent]),
  );
  const isUnder = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || isUnder(parent));
  };
  return new Map([...parents.keys()].filter(isUnder).map((pid) => [pid, commandOf(pid)]));
}

/** Whether this process of Linux still runs: one that only waits to be read off by its parent does not. */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== "Z" && stat.state !== "X";
}

function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  // The name in brackets may hold anything.
  const [, state = "X", parent] = /^.*\) (\S) (\d+)/s.exec(read(pid, "stat")) ?? [];
  return parent === undefined ? undefined : { state, parent: Number(parent) };
}

function commandOf(pid: number): string {
  return read(pid, "cmdline").replaceAll("\0", " ").trim();
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended.
    return "";
  }
}
