import { type CommandEntry, flatten, type OptionEntry, type Values, type WordEntry } from "./command-tree.ts";

/** Completion for zsh: a file `_hello-websocket` on `fpath`, or read by `source`. */
export function zshCompletion(tree: CommandEntry): string {
  return `#compdef hello-websocket
# zsh completion of hello-websocket, made by: hello-websocket completion zsh
${flatten(tree).map(command).join("\n")}
__hello_websocket_sources() {
  local -a found
  compset -P '*=' || { _message 'ID=SOURCE, such as front=/dev/video0'; return }
  if compset -P 'file:'; then _files; return; fi
  found=(/dev/video*(N) \${(f)"$(hello-websocket cameras 2>/dev/null | sed -n 's/^\\([[:alnum:]:._/-]*\\)  .*/\\1/p')"})
  compadd -S '' -- test: file: http:// https:// rtsp:// $found
}
if [[ \${funcstack[1]} == _hello-websocket ]]; then
  _hello_websocket "$@"
else
  compdef _hello_websocket hello-websocket
fi
`;
}

function command(entry: CommandEntry): string {
  const { commands, options, words } = entry;
  const lines = options.map(option);
  if (commands.length === 0) {
    return `${nameOf(entry)}() {
  _arguments -s -S ${[...lines, ...words.map(word)].map((line) => `\\\n    ${line}`).join(" ")}
}`;
  }
  const listed = commands.map(({ path, help }) => quote(`${path.at(-1)}:${help}`));
  const calls = commands.map((child) => `        ${child.path.at(-1)}) ${nameOf(child)} ;;`);
  // The words from the command on are those of the command: it sees them as if it were the program.
  return `${nameOf(entry)}() {
  local curcontext=$curcontext state line
  local -a commands
  typeset -A opt_args
  _arguments -s -S -C -A '-*' ${lines.map((line) => `\\\n    ${line}`).join(" ")} \\
    '1: :->command' '*:: :->rest'
  case $state in
    command)
      commands=(${listed.map((line) => `\n        ${line}`).join("")}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${calls.join("\n")}
      esac
      ;;
  esac
}`;
}

function option({ long, short, help, value, repeats }: OptionEntry): string {
  const text = `[${escape(help)}]${value === undefined ? "" : `:${escape(value.name)}:${action(value.values)}`}`;
  const stem = value === undefined ? "" : "=";
  if (short !== undefined && !repeats) {
    return `${quote(`(${short} ${long})`)}{${short},${long}${stem}}${quote(text)}`;
  }
  return quote(`${repeats ? "*" : ""}${long}${stem}${text}`);
}

function word({ name, values, required, repeats }: WordEntry): string {
  return quote(`${repeats ? "*" : ""}${required || repeats ? ":" : "::"}${escape(name)}:${action(values)}`);
}

function action(values: Values): string {
  switch (values.kind) {
    case "choice":
      return `(${values.choices.join(" ")})`;
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "camera":
      return "__hello_websocket_sources";
    case "text":
      return " ";
  }
}

function nameOf({ path }: CommandEntry): string {
  return ["_hello_websocket", ...path].join("_");
}

function escape(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
