#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { Reload } from "./config/reload.ts";
import { type Config, readConfig, settle } from "./config.ts";
import { onHangUp } from "./hang-up.ts";
import type { LabFlags } from "./lab.ts";
import { openLog } from "./log.ts";
import { CAMERA_OPTIONS, OPTIONS } from "./options.ts";
import type { Program } from "./program.ts";
import { mapper, recorder, server } from "./programs.ts";
import { addShellCommands } from "./shell/shell-commands.ts";
import { stopSignal } from "./stop-signal.ts";
import { unknownCommand } from "./unknown-command.ts";
import { UsageError } from "./usage-error.ts";
import type { UserFlags } from "./user.ts";

/** Exit status for something that the user can put right in the command. */
const USAGE_STATUS = 2;

/** Errors whose message is a sentence for the user. By name: most commands need not load the module that throws them. */
const FOR_USERS = new Set([
  "UsageError",
  "ListenError",
  "AddressError",
  "SourceError",
  "CertificateError",
  "NatsError",
  "RelayError",
  "LabError",
]);

type Flags = Readonly<Record<string, unknown>>;

function command(): Command {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const program = new Command("hello-websocket")
    .description(
      "A live camera in the browser: every viewer sees the freshest picture that their link can carry.",
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .enablePositionalOptions(false)
    .addHelpText("after", "\nCameras, ports and all other settings: hello-websocket up --help");
  const up = program
    .command("up", { isDefault: true })
    .description("everything, in one command (the default)");
  withOptions(up, async (program) => (await import("./up.ts")).up(program));
  // A command that is not known comes here, as an argument of the one that runs where none is named.
  up.allowExcessArguments(true).hook("preAction", () => {
    const [word] = up.args;
    if (word !== undefined) throw strange(word, program);
  });
  withOptions(program.command("recorder").description("one camera, for a mapper"), recorder);
  withOptions(
    program.command("mapper").description("keeps the newest frames, for recorders and servers"),
    mapper,
  );
  withOptions(
    program.command("server").description("HTTP and WebSocket, with the cameras of a mapper"),
    server,
  );
  const source = "the server, as it prints its address: wss://HOST:PORT/";
  withOptions(
    program.command("relay").description("the cameras of another server").argument("<url>", source),
    async (program, [url = ""], taken) => {
      const { parseTaken, parseUpstream, relay } = await import("./relay.ts");
      return relay(program, parseUpstream(url, process.env), parseTaken(taken));
    },
    "namesOthers",
  );
  program
    .command("cameras")
    .description("list what can be opened here")
    .option("--json", "for programs")
    .option(OPTIONS.engine.flag, OPTIONS.engine.help)
    .option(OPTIONS.ffmpeg.flag, OPTIONS.ffmpeg.help)
    .action(async (flags: Flags) => {
      const { cameras } = await import("./cameras.ts");
      const { engine } = await readConfig({ flags, environment: process.env });
      await cameras(say, flags["json"] === true, engine);
    });
  withFlags(program.command("doctor").description("say what is missing here, and how to get it"))
    .option("--url <url>", "ask a running server there instead, and say what a proxy in front of it drops")
    .action(async (flags: Flags) => {
      const config = await readConfig({ flags, environment: process.env });
      process.exitCode = (await examine(flags["url"], config)) ? 0 : 1;
    });
  withFlags(program.command("link").description("tell the link that opens the server"))
    .option("--new", "with a new token in the place of the old one")
    .action(async (flags: Flags) => {
      const { link } = await import("./link.ts");
      const config = await readConfig({ flags, environment: process.env });
      await link(config, process.env, say, flags["new"] === true);
    });
  withFlags(program.command("config").description("tell every setting, and who has set it"))
    .option("--check <file>", "only say whether a config file is right")
    .option("--schema", "print the JSON Schema of the config file")
    .option("--json", "for programs")
    .action(async (flags: Flags) => {
      await (await import("./config/report.ts")).config(flags, process.env, say);
    });
  program
    .command("user")
    .description("who may log in by name")
    .allowExcessArguments(true)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(() => {
      throw new UsageError("user: expected add NAME");
    })
    .command("add")
    .description("make the lines of the config file for a user; reads the password")
    .argument("<name>", "of up to 64 letters, digits and . _ @ -")
    .option("--role <view|control|publish|admin>", "what the user may do (view)")
    .option("--camera <id>", "a camera that the user sees, instead of all; may be repeated", collect)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(async (name: string, flags: UserFlags) => {
      await (await import("./user.ts")).addUser(name, flags, say);
    });
  program
    .command("lab")
    .description("watch this server, and rivals that are installed, over bad links")
    .argument("[scenario...]", "what to play (all; see --list)")
    .option("--list", "say which scenarios there are")
    .option("--seconds <number>", "length of a measurement (30)")
    .option(
      "--link <proxy|netns>",
      "netns: real packets (Linux, root), the default where it can be; proxy: anywhere, rivals look worse over it",
    )
    .option(
      "--client <protocol|chromium>",
      "protocol, or chromium: the page in a browser; other tracks than JPEG always there",
    )
    .option("--against <name>", "only this rival; may be repeated", collect)
    .option("--rival <name=path>", "where a rival is that is not on the path; may be repeated", collect)
    .option("--out <folder>", "write tables and plots there")
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(async (names: string[], flags: LabFlags) => {
      await (await import("./lab.ts")).lab(names, flags, fileURLToPath(import.meta.url), say);
    });
  withFlags(program.command("health").description("ask the server that runs here how it is"))
    .option("--id <camera>", "how this camera is")
    .option("--max-age <duration>", "it must give a picture that is not older, such as 2s")
    .action(async (flags: Flags & import("./health.ts").HealthFlags) => {
      const { health } = await import("./health.ts");
      const config = await readConfig({ flags, environment: process.env });
      process.exitCode = (await health(config, process.env, flags, say)) ? 0 : 1;
    });
  addShellCommands(program, "up", say);
  return program;
}

/** Look at this machine, or at the server at `url`. Whether all is well. */
async function examine(url: unknown, config: Config): Promise<boolean> {
  if (typeof url !== "string") return (await import("./doctor.ts")).doctor(config, say);
  return (await import("./proxy/doctor.ts")).doctorOfProxy(url, config, process.env, say);
}

/**
 * A sub-command that runs a program until it is told to stop. `namesOthers`: its cameras are not of this machine, and it is given
 * their names as they stand.
 */
function withOptions(
  command: Command,
  run: (program: Program, args: readonly string[], taken: readonly string[]) => Promise<void>,
  namesOthers?: "namesOthers",
): void {
  withFlags(command).action(async () => {
    const { camera: taken = [], ...others } = command.opts<Flags & { readonly camera?: string[] }>();
    const flags: Flags = namesOthers === undefined ? command.opts() : others;
    const input = { flags, environment: process.env };
    const settled = await settle(input);
    const { config } = settled;
    const log = await openLog({ level: config.logLevel, format: config.logFormat, process: "main" });
    const reload = new Reload({ settled, read: () => settle(input), log });
    onHangUp(() => void reload.now());
    const program = {
      config,
      reload,
      log,
      signal: stopSignal(),
      say,
      file: fileURLToPath(import.meta.url),
      environment: process.env,
    };
    await run(program, command.args, taken);
    process.exit();
  });
}

function withFlags(command: Command): Command {
  command.option("--camera <id=source>", "a camera, such as front=/dev/video0; may be repeated", collect);
  command.option("--config <file>", "YAML file with the same settings");
  for (const { flag, help } of [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)]) {
    command.option(flag, help);
  }
  return command
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
}

/** An option that may be repeated. */
function collect(text: string, earlier: string[] = []): string[] {
  return [...earlier, text];
}

/** What to say of a word where a command is expected. */
function strange(word: string, program: Command): UsageError {
  const known = program.commands.map((command) => command.name());
  return new UsageError(unknownCommand(word, known));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The sentence for the user, and the exit status. */
function explain(error: unknown): { sentence: string; status: number } {
  if (error instanceof CommanderError) {
    return {
      sentence: error.message
        .replace(/^error: /, "")
        .split("\n")
        .join(" "),
      status: USAGE_STATUS,
    };
  }
  if (error instanceof Error && FOR_USERS.has(error.name))
    return { sentence: error.message, status: USAGE_STATUS };
  return { sentence: error instanceof Error ? (error.stack ?? error.message) : String(error), status: 1 };
}

const program = command();
try {
  await program.parseAsync();
} catch (error) {
  // Help and version are asked for, not wrong.
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  // `help` for a command that is none shows all of them, and says nothing.
  const isHelp = error instanceof CommanderError && error.code === "commander.help";
  const { sentence, status } = explain(isHelp ? strange(program.args.at(-1) ?? "", program) : error);
  // A config file may have several faults, one a line.
  for (const line of status === USAGE_STATUS ? sentence.split("\n") : [sentence]) {
    process.stderr.write(`hello-websocket: ${line}\n`);
  }
  process.exit(status);
}
