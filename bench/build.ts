/** Compiles the C programs of the bench. */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** Where a compiled program is. */
export const program = (name: "floor" | "load" | "camera"): string => `${import.meta.dirname}/build/${name}`;

/** Compile all of them. Throws with one sentence when that cannot be done here. */
export function build(): void {
  if (process.platform !== "linux") throw new Error("the bench needs Linux: epoll, taskset and /proc");
  mkdirSync(`${import.meta.dirname}/build`, { recursive: true });
  for (const name of ["floor", "load", "camera"] as const) {
    const args = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", program(name)];
    try {
      execFileSync(process.env["CC"] ?? "cc", [...args, `${import.meta.dirname}/${name}.c`], {
        stdio: "inherit",
      });
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      const cure = missing ? "no C compiler here: install gcc or clang" : "the compiler refused it";
      throw new Error(`bench/${name}.c is not compiled: ${cure}`, { cause: error });
    }
  }
}
