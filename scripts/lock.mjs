// One at a time, for what several shells may start at once: `make mapper`, `make recorder`, `make server`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const POLL_MS = 100;

/** Run `work` while no other process on this checkout runs work of the same name. */
export function withLock(name, work) {
  const lock = join(".cache", `${name}.lock`);
  mkdirSync(".cache", { recursive: true });
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  const release = () => rmSync(lock, { force: true });
  // Work that ends the whole program, with `process.exit`, never comes back to what stands behind it here.
  process.once("exit", release);
  try {
    work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(lock) {
  try {
    // Fails if it is there: of two that try, one has it.
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!lives(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Whether the process that has the lock is still there. */
function lives(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // The one that took it may not have written its number yet.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
