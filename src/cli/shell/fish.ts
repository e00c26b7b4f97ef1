import { type CommandEntry, flatten, type OptionEntry, type Values } from "./command-tree.ts";
import { groupBy } from "./group.ts";

/** Completion for fish. */
export function fishCompletion(tree: CommandEntry): string {
  const commands = flatten(tree);
  const options = commands.flatMap((command) => command.options);
  const taking = new Set(options.flatMap(({ long, value }) => (value === undefined ? [] : [long])));
  return `# fish completion of hello-websocket, made by: hello-websocket completion fish
function __hello_websocket_at --description 'Whether the command on the line is one of these'
    set -l at ''
    set -l takes
    for word in (commandline -opc)[2..-1]
        if test -n "$takes"
            set takes
        else if string match -q -- '-*' $word
            contains -- $word ${[...taking].join(" ")}; and set takes $word
        else
            switch "$at/$word"
${steps(commands).join("\n")}
            end
        end
    end
    contains -- $at $argv
end
function __hello_websocket_sources --description 'The cameras that a word may name'
    set -l word (string replace -r '^--camera=' '' -- (commandline -ct))
    string match -q -- '*=*' $word; or return
    set -l id (string replace -r '=.*' '=' -- $word)
    set -l devices /dev/video*
    set -l found (command hello-websocket cameras 2>/dev/null | string replace -rf '^([[:alnum:]:._/-]+)  .*' '$1')
    set -l files (string match -q -- '*=file:*' $word; and __fish_complete_path (string replace -r '^[^=]*=file:' '' -- $word) | string replace -r '^' file:)
    string join \\n -- $id$devices $id{test:,file:,http://,https://,rtsp://} $id$found $id$files
end
complete -c hello-websocket -f
${commands.flatMap(commandLines).join("\n")}
${optionLines(commands).join("\n")}
`;
}

/** From a command to one below it. */
function steps(commands: readonly CommandEntry[]): readonly string[] {
  return commands.flatMap(({ path, commands: below }) =>
    below.flatMap((child) => [
      `                case ${quote(`${path.join(" ")}/${child.path.at(-1)}`)}`,
      `                    set at ${quote(child.path.join(" "))}`,
    ]),
  );
}

/** What stands where no option does. */
function commandLines({ path, commands, words }: CommandEntry): readonly string[] {
  const at = condition([path]);
  const below = commands.map(
    (child) => `complete -c hello-websocket ${at} -a ${child.path.at(-1)} -d ${quote(child.help)}`,
  );
  const [first] = words;
  if (first === undefined || first.values.kind === "text") return below;
  return [...below, `complete -c hello-websocket ${at} ${values(first.values).replace(/^-[xr] /, "")}`];
}

/** One line for all commands that have the same option. */
function optionLines(commands: readonly CommandEntry[]): readonly string[] {
  const all = commands.flatMap(({ path, options }) =>
    options.map((option) => ({ path, line: optionLine(option) })),
  );
  return [...groupBy(all, ({ line }) => line)].map(
    ([line, uses]) => `complete -c hello-websocket ${condition(uses.map(({ path }) => path))} ${line}`,
  );
}

function optionLine({ long, short, help, value }: OptionEntry): string {
  return [
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    ...(value === undefined ? [] : [values(value.values)]),
    `-d ${quote(help)}`,
  ].join(" ");
}

function values(of: Values): string {
  switch (of.kind) {
    case "choice":
      return `-x -a ${quote(of.choices.join(" "))}`;
    case "file":
      return "-r -F";
    case "folder":
      return `-x -a '(__fish_complete_directories (commandline -ct))'`;
    case "camera":
      return "-x -a '(__hello_websocket_sources)'";
    case "text":
      return "-x";
  }
}

function condition(paths: readonly (readonly string[])[]): string {
  return `-n ${quote(`__hello_websocket_at ${paths.map((path) => `"${path.join(" ")}"`).join(" ")}`)}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
