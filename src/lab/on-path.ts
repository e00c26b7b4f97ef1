import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first command of that name on the path. */
export function onPath(command: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

/** Whether that file is there to be run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
