import type { Logger } from "pino";
import type { Reload } from "./config/reload.ts";
import type { Config } from "./config.ts";

/** What a program needs to run: everything of the process that it may touch. */
export interface Program {
  readonly config: Config;
  /** What of it changes while the program runs. */
  readonly reload: Reload;
  readonly log: Logger;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** Tell the user one line. */
  readonly say: (line: string) => void;
  /** File of this command, to start parts of it as processes of their own. */
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** The environment without this program's own options: they are the parent's, a token above all. */
export function withoutOptions(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("HELLO_")));
}
