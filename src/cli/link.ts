import { makeToken, openAccessState } from "./access-state.ts";
import type { Config } from "./config.ts";
import { sayLink } from "./entrance-link.ts";
import { openStateFolder } from "./state-folder.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `link`: the link that opens the server, and as a picture on a terminal. `renew`: with another token; the old one opens the server
 * until it starts again.
 * @throws UsageError
 */
export async function link(
  config: Config,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
  renew: boolean,
): Promise<void> {
  if (renew) {
    if (config.token !== undefined) {
      throw new UsageError(
        "--new: the token is given (--token, HELLO_TOKEN or the config file): change it there",
      );
    }
    makeToken(openStateFolder(environment));
  }
  const { token } = openAccessState(config, environment, { error: say });
  await sayLink(say, config, config.port, { token, isNew: true });
}
