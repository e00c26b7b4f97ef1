import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first command of that name on the path. */
export function onPath(command: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

/** Whether that file is there to be read. */
export function isReadable(file: string): boolean {
  return may(file, constants.R_OK);
}

/** Whether that file is there to be run. */
export function isExecutable(file: string): boolean {
  return may(file, constants.X_OK);
}

function may(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
