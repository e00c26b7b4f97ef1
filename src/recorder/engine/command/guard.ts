import { type ChildProcess, spawn } from "node:child_process";
import { childEnvironment } from "./child-environment.ts";

/** Reads who is there, and when this process has ended, however it did, ends all of them. */
const SCRIPT = `pids=
while read -r sign pid; do
  rest=
  for other in $pids; do [ "$other" = "$pid" ] || rest="$rest $other"; done
  pids=$rest
  [ "$sign" = "+" ] && pids="$pids $pid"
done
[ -z "$pids" ] || kill -9 $pids`;

let shell: ChildProcess | undefined;
let guarded = 0;

/**
 * The process `pid` ends with this one, even if this one is killed: a camera that gives nothing would never tell its
 * `ffmpeg` that nobody reads any more, and would stay in use. Dispose of it when the process has ended by itself.
 */
export function guard(pid: number): Disposable {
  // Without a shell there is the end of the pipe, which all notice that have something to read or write.
  if (process.platform === "win32") return { [Symbol.dispose]: () => {} };
  guarded++;
  shell ??= startShell();
  const present = shell;
  present.stdin?.write(`+ ${pid}\n`);
  return {
    [Symbol.dispose]: () => {
      present.stdin?.write(`- ${pid}\n`);
      guarded--;
      if (guarded > 0 || present !== shell) return;
      shell = undefined;
      present.stdin?.end();
    },
  };
}

// In a session of its own: what a terminal sends to this process is not for it.
function startShell(): ChildProcess {
  const child = spawn("/bin/sh", ["-c", SCRIPT], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: childEnvironment(),
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  return child;
}
