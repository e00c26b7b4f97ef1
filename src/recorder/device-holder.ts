import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Processes that are named; more would not fit into a sentence. */
const MAX_NAMED = 3;

/**
 * Who has the device at `path` open, for people: `"zoom" (process 1234)`. Absent where the system does not tell: a user is
 * shown only his own processes. `root`: where `proc` is.
 */
export function deviceHolder(path: string, root = "/", own: number = process.pid): string | undefined {
  const device = attempt(() => realpathSync(path)) ?? path;
  const holders = list(join(root, "proc")).filter(
    (name) => /^\d+$/.test(name) && Number(name) !== own && holds(join(root, "proc", name), device),
  );
  const names = holders.slice(0, MAX_NAMED).map((pid) => {
    const name = attempt(() => readFileSync(join(root, "proc", pid, "comm"), "utf8").trim());
    return name === undefined ? `process ${pid}` : `"${name}" (process ${pid})`;
  });
  return names.length === 0 ? undefined : names.join(", ");
}

function holds(folder: string, device: string): boolean {
  return list(join(folder, "fd")).some(
    (fd) => attempt(() => readlinkSync(join(folder, "fd", fd))) === device,
  );
}

function list(folder: string): string[] {
  return attempt(() => readdirSync(folder)) ?? [];
}

// Processes end while they are looked at, and most are not ours to see.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
