// Removes everything that the other commands make, but not what `npm ci` installs.
import { rmSync } from "node:fs";

for (const path of ["dist", ".cache", "bench/build", "bench/results"])
  rmSync(path, { recursive: true, force: true });
