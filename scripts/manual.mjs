// Writes the manual page beside the programs that it is about: it is made from their definition, so it is never out of date.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const page = execFileSync(process.execPath, [join("dist", "cli", "main.js"), "man"]);
mkdirSync(join("dist", "man"), { recursive: true });
writeFileSync(join("dist", "man", "hello-websocket.1"), page);
