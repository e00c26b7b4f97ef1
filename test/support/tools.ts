import { spawnSync } from "node:child_process";

/** Whether a program runs here. In CI all must: what is skipped proves nothing. */
export function has(command: string, ...args: string[]): boolean {
  const found = spawnSync(command, args, { stdio: "ignore" }).status === 0;
  if (!found && process.env["CI"]) throw new Error(`${command} ${args.join(" ")} does not run`);
  return found;
}
