import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PrivateFolder } from "./private-folder.ts";

/** The name of this program among those that keep state. */
const NAME = "hello-websocket";

/**
 * The folder for what outlives this program and is nobody else's business: `HELLO_STATE`, else the one that systemd made for this
 * service, else where the system has such things.
 * @throws UsageError
 */
export function openStateFolder(environment: NodeJS.ProcessEnv): PrivateFolder {
  return PrivateFolder.open(statePath(environment, process.platform, homedir()));
}

/** Where that folder is. */
export function statePath(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  const own = environment["HELLO_STATE"];
  if (own !== undefined && own !== "") return own;
  // A list with colons between, where the service has several.
  const [service = ""] = environment["STATE_DIRECTORY"]?.split(":") ?? [];
  if (service !== "") return resolved(service);
  const given = environment[platform === "win32" ? "LOCALAPPDATA" : "XDG_STATE_HOME"];
  if (given !== undefined && given !== "") return join(given, NAME);
  if (platform === "win32") return join(home, "AppData", "Local", NAME);
  if (platform === "darwin") return join(home, "Library", "Application Support", NAME);
  return join(home, ".local", "state", NAME);
}

/** A service whose user is made for it is told a link, which only systemd can make; one that others make is none to follow. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
