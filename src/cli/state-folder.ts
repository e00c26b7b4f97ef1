import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of what a user's servers keep from one run to the next, unless the user names another. */
export function stateFolder(environment: NodeJS.ProcessEnv): string {
  const name = "hello-websocket";
  if (process.platform === "win32") {
    return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), name);
  }
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", name);
  // What a systemd unit with StateDirectory= is given.
  const given = environment["STATE_DIRECTORY"]?.split(":")[0];
  if (given !== undefined && given !== "") return given;
  const home = environment["XDG_STATE_HOME"];
  return join(home === undefined || home === "" ? join(homedir(), ".local", "state") : home, name);
}
