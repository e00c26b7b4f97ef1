import { spawnSync } from "node:child_process";
import { describe } from "vitest";
import { engineContract } from "./engine.contract.ts";

engineContract("node-av");

const installed = spawnSync("ffmpeg", ["-version"], { stdio: "ignore" }).status === 0;
// `make test` installs it; in CI nothing is skipped.
describe.skipIf(!installed && process.env["CI"] === undefined)("with the command", () =>
  engineContract("ffmpeg"),
);
