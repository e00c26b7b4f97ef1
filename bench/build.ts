/** Compiles the C programs of the bench. */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** The programs, and the files that each is made of. */
const SOURCES = {
  floor: ["floor.c"],
  load: ["load.c", "load-hello.c", "load-multipart.c"],
  camera: ["camera.c"],
  "v4l2.so": ["v4l2.c"],
} as const;

/** Where a compiled program is, or the library that plays a camera to those that read V4L2. */
export const program = (name: keyof typeof SOURCES): string => `${import.meta.dirname}/build/${name}`;

/** Compile all of them. Throws with one sentence when that cannot be done here. */
export function build(): void {
  if (process.platform !== "linux") throw new Error("the bench needs Linux: epoll, taskset and /proc");
  mkdirSync(`${import.meta.dirname}/build`, { recursive: true });
  for (const [name, sources] of Object.entries(SOURCES)) {
    const args = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", `${import.meta.dirname}/build/${name}`];
    if (name.endsWith(".so")) args.push("-shared", "-fPIC");
    const files = sources.map((file) => `${import.meta.dirname}/${file}`);
    try {
      execFileSync(process.env["CC"] ?? "cc", [...args, ...files, "-ldl", "-lpthread"], { stdio: "inherit" });
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      const cure = missing ? "no C compiler here: install gcc or clang" : "the compiler refused it";
      throw new Error(`bench/${sources[0]} is not compiled: ${cure}`, { cause: error });
    }
  }
}
