import { type CommandEntry, flatten, type OptionEntry, type Values } from "./command-tree.ts";
import { groupBy } from "./group.ts";

/** Completion for bash, of version 3.2 and later. */
export function bashCompletion(tree: CommandEntry): string {
  const commands = flatten(tree);
  const options = commands.flatMap((command) => command.options);
  const taking = new Set(options.filter(({ value }) => value !== undefined).flatMap(names));
  return `# bash completion of hello-websocket, made by: hello-websocket completion bash
_hello_websocket() {
  local line=\${COMP_LINE:0:COMP_POINT} command="" option="" takes="" word index
  local -a words
  # Cut at blanks, not where bash cuts: an address has : and = in it.
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current=\${words[\${#words[@]} - 1]}
  for ((index = 1; index < \${#words[@]} - 1; index++)); do
    word=\${words[index]}
    if [[ $takes ]]; then takes=""; continue; fi
    if [[ $word == -* ]]; then
      [[ " ${[...taking].join(" ")} " == *" $word "* ]] && takes=$word
      continue
    fi
    case "$command/$word" in
${steps(commands).join("\n")}
    esac
  done
  local value=$current
  if [[ $takes ]]; then
    option=$takes
  elif [[ $current == --*=* ]]; then
    option=\${current%%=*}
    value=\${current#*=}
  fi
  local lead=\${current%"$value"} IFS=$'\\n'
  COMPREPLY=()
  if [[ $option ]]; then
    case "$command/$option" in
${optionValues(commands).join("\n")}
    esac
  elif [[ $current == -* ]]; then
    case "$command" in
${optionNames(commands).join("\n")}
    esac
  else
    case "$command" in
${wordValues(commands).join("\n")}
    esac
  fi
  (( \${#COMPREPLY[@]} == 0 )) && return
  # Readline puts an answer in the place of what follows the last character that breaks words.
  local cut="" start breaker
  for breaker in = :; do
    [[ $COMP_WORDBREAKS == *$breaker* && $current == *$breaker* ]] || continue
    start=\${current%"\${current##*$breaker}"}
    (( \${#start} > \${#cut} )) && cut=$start
  done
  COMPREPLY=("\${COMPREPLY[@]/#/$lead}")
  COMPREPLY=("\${COMPREPLY[@]#"$cut"}")
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=:/] ]] && compopt -o nospace 2>/dev/null
}
__hello_websocket_sources() {
  local id=\${1%%=*}= source=\${1#*=} found
  [[ $1 == *=* ]] || return
  if [[ $source == file:* ]]; then
    compgen -P "$id"file: -f -- "\${source#file:}"
    return
  fi
  # compgen expands what it is given, and a camera names itself: nothing passes that a shell would carry out.
  found=$(compgen -G '/dev/video*'; hello-websocket cameras 2>/dev/null | sed -n 's/^\\([[:alnum:]:._/-]*\\)  .*/\\1/p')
  compgen -P "$id" -W "$found"$'\\ntest:\\nfile:\\nhttp://\\nhttps://\\nrtsp://' -- "$source"
}
complete -F _hello_websocket hello-websocket
`;
}

/** From a command to one below it. */
function steps(commands: readonly CommandEntry[]): readonly string[] {
  return commands.flatMap(({ path, commands: below }) =>
    below.map((child) => {
      const step = `${path.join(" ")}/${child.path.at(-1)}`;
      return `      ${quote(step)}) command=${quote(child.path.join(" "))} ;;`;
    }),
  );
}

/** The options of each command. */
function optionNames(commands: readonly CommandEntry[]): readonly string[] {
  const groups = groupBy(commands, ({ options }) => options.flatMap(names).join("\\n"));
  return [...groups].map(
    ([words, members]) =>
      `      ${members.map(keyOf).join("|")}) COMPREPLY=($(compgen -W $'${words}' -- "$current")) ;;`,
  );
}

/** What stands where no option does. */
function wordValues(commands: readonly CommandEntry[]): readonly string[] {
  return commands.flatMap((command) => {
    const below = command.commands.map(({ path }) => path.at(-1) ?? "");
    const [first] = command.words;
    const action = below.length > 0 ? choose(below) : first === undefined ? "" : complete(first.values);
    return action === "" ? [] : [`      ${keyOf(command)}) ${action} ;;`];
  });
}

/** What follows each option: one line for all commands where they agree. */
function optionValues(commands: readonly CommandEntry[]): readonly string[] {
  const all = commands.flatMap(({ path, options }) =>
    options.flatMap(({ long, value }) =>
      value === undefined
        ? []
        : [{ long, place: `${path.join(" ")}/${long}`, action: complete(value.values) }],
    ),
  );
  return [...groupBy(all, ({ long }) => long)].flatMap(([long, uses]) => {
    const groups = [...groupBy(uses, ({ action }) => action)];
    return groups.flatMap(([action, places]) => {
      if (action === "") return [];
      const patterns = groups.length === 1 ? [`*/${long}`] : places.map(({ place }) => quote(place));
      return [`      ${patterns.join("|")}) ${action} ;;`];
    });
  });
}

function complete(values: Values): string {
  switch (values.kind) {
    case "choice":
      return choose(values.choices);
    case "file":
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$value"))';
    case "folder":
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$value"))';
    case "camera":
      return 'COMPREPLY=($(__hello_websocket_sources "$value"))';
    case "text":
      return "";
  }
}

function choose(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W $'${words.join("\\n")}' -- "$value"))`;
}

function names({ long, short }: OptionEntry): string[] {
  return short === undefined ? [long] : [short, long];
}

function keyOf({ path }: CommandEntry): string {
  return quote(path.join(" "));
}

function quote(text: string): string {
  return `'${text}'`;
}
