import { CAMERA_OPTIONS, OPTIONS } from "../options.ts";
import { type CommandEntry, flatten, type OptionEntry, type WordEntry } from "./command-tree.ts";
import { groupBy } from "./group.ts";

/** What is known of the program beside its commands, before they are told. */
const DESCRIPTION = `Without a command it does what
.B up
does: it takes every camera that is plugged in, and those that come later,
and serves a page with them at
.BR http://localhost:9000 .
Only this machine can reach it until
.B \\-\\-host
names another address; then it asks for a login, and tells a link that
opens it.`;

/** Variables that are no settings. */
const VARIABLES = `.TP
.B HELLO_CAMERA
Cameras as
.B \\-\\-camera
takes them, one a line.
.TP
.B HELLO_CONFIG
The configuration file.
.TP
.B HELLO_STATE
The folder for what is kept; see FILES.
.TP
.B HELLO_UPSTREAM_TOKEN
The token of the server whose cameras
.B relay
takes.`;

/** The end of the page. */
const REST = `.SH FILES
.TP
.I ~/.local/state/hello\\-websocket
Token, keys, share links and certificates. Below
.B XDG_STATE_HOME
if that is set; in a systemd service what
.B STATE_DIRECTORY
names.
.TP
.I $XDG_RUNTIME_DIR/hello\\-websocket/mapper.sock
Where
.BR mapper ,
.B recorder
and
.B server
meet; in a systemd service in
.BR RUNTIME_DIRECTORY .
.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
It stops: cameras are closed, viewers are told.
.TP
.B SIGHUP
It reads the configuration file again. A bad one changes nothing.
.SH EXIT STATUS
.TP
.B 0
It was told to stop, or has done what it was asked for.
.TP
.B 1
Something is missing, or failed.
.TP
.B 2
The command or the configuration is wrong; a sentence says what was expected.
.SH EXAMPLES
.TP
.B hello\\-websocket
Every camera that is plugged in, for this machine.
.TP
.B hello\\-websocket \\-\\-camera front=/dev/video0 \\-\\-host 0.0.0.0 \\-\\-tls auto
One camera, for others in the network, over https.
.TP
.B hello\\-websocket \\-\\-camera front=test:
A moving test picture.
.SH SEE ALSO
.BR ffmpeg (1),
.BR v4l2\\-ctl (1),
.BR systemd.service (5)`;

/** The manual page, as roff with the macros of man(7). */
export function manualPage(tree: CommandEntry, version: string): string {
  const commands = flatten(tree).filter(({ path, commands: below }) => path.length > 0 && below.length === 0);
  const common = commonOptions(commands);
  return [
    `.TH HELLO\\-WEBSOCKET 1 "" "hello\\-websocket ${version}" "User Commands"`,
    ".SH NAME",
    "hello\\-websocket \\- a live camera in the browser",
    ".SH SYNOPSIS",
    ".B hello\\-websocket",
    "[\\fIcommand\\fR] [\\fIoption\\fR ...]",
    ".SH DESCRIPTION",
    text(tree.help),
    ".PP",
    DESCRIPTION,
    ".SH COMMANDS",
    ...commands.flatMap((command) => commandLines(command, common)),
    ".SH OPTIONS",
    "These are options of every command that says so.",
    ...common.flatMap(optionLines),
    ".SH ENVIRONMENT",
    "Each setting may be a flag, a variable or a key of the configuration file.",
    "The first of them wins.",
    ...variableLines(),
    VARIABLES,
    REST,
  ].join("\n");
}

/** Options that many commands share, as the first of them has it. */
function commonOptions(commands: readonly CommandEntry[]): readonly OptionEntry[] {
  const options = commands.flatMap((command) => command.options.filter(({ long }) => long !== "--help"));
  const groups = groupBy(options, ({ long, help }) => `${long} ${help}`);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first !== undefined && others.length > 1 ? [first] : [],
  );
}

function commandLines(
  { path, help, options, words }: CommandEntry,
  common: readonly OptionEntry[],
): readonly string[] {
  const isCommon = ({ long, help: says }: OptionEntry): boolean =>
    common.some((other) => other.long === long && other.help === says);
  const own = options.filter((option) => !isCommon(option) && option.long !== "--help");
  const takesCommon = options.some(isCommon);
  const takes = words.map(wordText);
  if (own.length > 0 || takesCommon) takes.push("[\\fIoption\\fR ...]");
  return [
    `.SS "hello\\-websocket ${[...path.map(text), ...takes].join(" ")}"`,
    sentence(help),
    ...(takesCommon ? ["Takes the common options; see OPTIONS."] : []),
    ...words.flatMap(({ name, help: says }) => (says === "" ? [] : [".TP", `.I ${text(name)}`, text(says)])),
    ...own.flatMap(optionLines),
  ];
}

function optionLines({ long, short, value, help }: OptionEntry): readonly string[] {
  const names = [short, long].flatMap((name) => (name === undefined ? [] : [`\\fB${text(name)}\\fR`]));
  const takes = value === undefined ? "" : ` \\fI${text(value.name)}\\fR`;
  return [".TP", `${names.join(", ")}${takes}`, text(help)];
}

function variableLines(): readonly string[] {
  const settings = [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)];
  return settings.flatMap(({ variable, key, flag, expected }) => {
    const name = flag.split(" ")[0] ?? flag;
    return [
      ".TP",
      `.B ${text(variable)}`,
      `Key \\fB${text(key)}\\fR, flag \\fB${text(name)}\\fR:`,
      `${text(expected)}.`,
    ];
  });
}

function wordText({ name, required, repeats }: WordEntry): string {
  const shown = `\\fI${text(name)}\\fR${repeats ? " ..." : ""}`;
  return required ? shown : `[${shown}]`;
}

function sentence(help: string): string {
  const shown = text(help);
  return `${shown.slice(0, 1).toUpperCase()}${shown.slice(1)}.`;
}

/** Text as roff shows it: a minus that can be copied, and no dot or quote that begins a request. */
function text(plain: string): string {
  const escaped = plain.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
