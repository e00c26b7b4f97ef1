import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { has } from "../support/tools.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const ZSH_ASKS = fileURLToPath(new URL("../support/complete.zsh", import.meta.url));

/** What a shell may take for one answer. */
const PATIENCE_MS = 20_000;

let folder: string;
const script = (shell: string): string => join(folder, `completion.${shell}`);

function run(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-completion-"));
  for (const shell of ["bash", "zsh", "fish"]) writeFileSync(script(shell), run("completion", shell));
  // Two cameras, the second with a serial number that a shell would carry out.
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const cameras = [
    "usb:AB12  A camera, now /dev/video0",
    "    mjpeg 640x480",
    "usb:$(touch${IFS}it)  Another",
  ];
  const program = join(bin, "hello-websocket");
  writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${cameras.join("\n")}\nEND\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, "hello.yaml"), "");
  mkdirSync(join(folder, "here"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Ask a shell in the folder; the answers, sorted. */
function ask(command: string, ...args: string[]): string[] {
  const { stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: PATIENCE_MS,
    env: { ...process.env, HOME: folder, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` },
  });
  if (error !== undefined) throw new Error(`${error.message}\n${stdout}\n${stderr}`);
  const answers = stdout.split("\n").filter((line) => line !== "");
  return [...new Set(answers)].sort();
}

const SHELLS: Readonly<Record<string, (line: string) => string[]>> = {
  bash: (line) => {
    const asks =
      `source "$0"; COMP_LINE=$1 COMP_POINT=\${#1}; _hello_websocket 2>/dev/null; ` +
      // Readline shows the whole word; the answer is only what follows the last character that breaks it.
      `[[ $1 == *[=:]* ]] && lead=\${1##* } && lead=\${lead%"\${lead##*[=:]}"}; ` +
      `for one in "\${COMPREPLY[@]}"; do printf '%s\\n' "$lead$one"; done`;
    return ask("bash", "--norc", "-c", asks, script("bash"), line);
  },
  zsh: (line) => ask("zsh", "-f", ZSH_ASKS, script("zsh"), line),
  fish: (line) =>
    ask("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script("fish"), line).map(
      (answer) => answer.split("\t")[0] ?? "",
    ),
};

/** The sub-commands that `--help` lists below a command. */
function listed(...path: string[]): string[] {
  const help = run(...path, "--help");
  const [, commands = ""] = help.split("\nCommands:\n");
  return [...commands.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name = ""]) => name).sort();
}

describe.each(Object.keys(SHELLS))("%s completes", (shell) => {
  const complete = SHELLS[shell]!;
  const isThere = has(shell, "--version");

  test.skipIf(!isThere)("every command that the help lists, and no other", () => {
    expect(listed()).toContain("recorder");
    expect(complete("hello-websocket ")).toEqual(expect.arrayContaining(listed()));
    expect(complete("hello-websocket user ")).toEqual(["add"]);
    expect(complete("hello-websocket re")).toEqual(["recorder", "relay"]);
    expect(complete("hello-websocket help re")).toEqual(["recorder", "relay"]);
    expect(complete("hello-websocket completion ")).toEqual(["bash", "fish", "zsh"]);
  });

  test.skipIf(!isThere)("the options of the command on the line", () => {
    expect(complete("hello-websocket --log")).toEqual(["--log-format", "--log-level"]);
    expect(complete("hello-websocket --port 9001 recorder --log")).toEqual(["--log-format", "--log-level"]);
    // The value of an option is no command.
    expect(complete("hello-websocket recorder --format cameras --quali")).toEqual(["--quality"]);
    expect(complete("hello-websocket cameras --")).toEqual(["--engine", "--ffmpeg", "--help", "--json"]);
    expect(complete("hello-websocket user add me --r")).toEqual(["--role"]);
  });

  test.skipIf(!isThere)("values: a few words, files, folders", () => {
    expect(complete("hello-websocket --log-level ")).toEqual(["debug", "error", "info", "warn"]);
    expect(complete("hello-websocket server --tls=a")).toEqual(["--tls=auto"]);
    expect(complete("hello-websocket user add me --role c")).toEqual(["control"]);
    expect(complete("hello-websocket --config hel")).toEqual(["hello.yaml"]);
    expect(complete("hello-websocket lab --out he").map((name) => name.replace(/\/$/, ""))).toEqual(["here"]);
    expect(complete("hello-websocket --port ")).toEqual([]);
  });

  test.skipIf(!isThere)("the sources of a camera, and runs no name that one gives itself", () => {
    const sources = complete("hello-websocket --camera front=");
    expect(sources).toEqual(expect.arrayContaining(["front=test:", "front=rtsp://", "front=usb:AB12"]));
    expect(sources.join(" ")).not.toContain("touch");
    expect(complete("hello-websocket recorder --camera front=usb:")).toEqual(["front=usb:AB12"]);
    expect(ask("ls", folder)).not.toContain("it");
  });
});

describe("the manual page", () => {
  const page = fileURLToPath(new URL("../../dist/man/hello-websocket.1", import.meta.url));

  test("is that of these programs: the built one says what the command prints", () => {
    expect(run("man")).toBe(readFileSync(page, "utf8"));
  });

  test("tells every command, and every option of the main one", () => {
    const roff = readFileSync(page, "utf8").replaceAll("\\-", "-");
    // `user` does nothing alone.
    const commands = listed().map((name) => (name === "user" ? "user add" : name));
    for (const path of commands) expect(roff).toContain(`.SS "hello-websocket ${path}`);
    for (const [, option] of run("up", "--help").matchAll(/^ {2}(--[a-z-]+)/gm)) {
      expect(roff).toContain(`\\fB${option}\\fR`);
    }
  });

  test.skipIf(!has("mandoc", "/dev/null"))("is without fault for mandoc", () => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", page], { encoding: "utf8" });
    // A page that is made with every build has no date of its own.
    expect(stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date"))).toEqual([]);
  });
});
