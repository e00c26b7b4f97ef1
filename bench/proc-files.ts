/** Files of /proc. What a process says of itself is gone when it ends, which may be between being listed and being read: then it has nothing more to tell. */

import { readdirSync, readFileSync } from "node:fs";

/** What a file says; nothing if it is gone. */
export function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The names in a folder; none if it is gone. */
export function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
