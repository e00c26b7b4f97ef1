import { isatty } from "node:tty";

/** Descriptors that a terminal may be at. */
const STANDARD = [0, 1, 2];

/**
 * Calls `again` at SIGHUP: a server reads its settings again. A terminal that is closed sends the same, and then the program gets
 * SIGTERM and, once it exits, ends as without this.
 */
export function onHangUp(again: () => void): void {
  const terminals = STANDARD.filter((descriptor) => isatty(descriptor));
  process.on("SIGHUP", () => {
    // One that is closed is no terminal from then on.
    if (terminals.every((descriptor) => isatty(descriptor))) {
      again();
      return;
    }
    // Node would put the terminal back as it was, and crash since it is not there: so the end is that of this very signal.
    process.once("exit", () => {
      process.removeAllListeners("SIGHUP");
      process.kill(process.pid, "SIGHUP");
    });
    process.kill(process.pid, "SIGTERM");
  });
}
