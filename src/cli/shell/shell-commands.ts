import type { Command } from "commander";
import { UsageError } from "../usage-error.ts";
import { readTree } from "./command-tree.ts";

/** What writes a completion, by the name of the shell. */
const SHELLS: Readonly<Record<string, () => Promise<typeof import("./bash.ts").bashCompletion>>> = {
  bash: async () => (await import("./bash.ts")).bashCompletion,
  zsh: async () => (await import("./zsh.ts")).zshCompletion,
  fish: async () => (await import("./fish.ts")).fishCompletion,
};

/**
 * The commands that write about all commands: `completion` and `man`. What they write is made from the definition of the program.
 * `implied`: the command that runs where none is named.
 */
export function addShellCommands(program: Command, implied: string, say: (line: string) => void): void {
  const names = Object.keys(SHELLS);
  program
    .command("completion")
    .description("print a script with which a shell completes this command")
    .argument(`<${names.join("|")}>`)
    .action(async (name: string) => {
      const shell = Object.hasOwn(SHELLS, name) ? SHELLS[name] : undefined;
      if (shell === undefined) {
        throw new UsageError(`completion: "${name}" is not right: expected ${names.join(", ")}`);
      }
      say((await shell())(readTree(program, implied)).trimEnd());
    });
  program
    .command("man")
    .description("print the manual page, for man -l -")
    .action(async () => {
      const { manualPage } = await import("./manual.ts");
      say(manualPage(readTree(program, implied), program.version() ?? "").trimEnd());
    });
}
