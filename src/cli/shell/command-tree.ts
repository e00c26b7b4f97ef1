import type { Argument, Command, Option as Flag } from "commander";
import { z } from "zod";
import { CAMERA_OPTIONS, OPTIONS } from "../options.ts";

/** What may stand in a place of the command line: one of a few words, the name of a file, a camera with its source, or any text. */
export type Values =
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "file" | "folder" | "camera" | "text" };

/** A word that a command takes. */
export interface WordEntry {
  readonly name: string;
  readonly help: string;
  readonly values: Values;
  readonly required: boolean;
  readonly repeats: boolean;
}

/** An option of a command. */
export interface OptionEntry {
  /** As one types it: `--port`. */
  readonly long: string;
  readonly short: string | undefined;
  readonly help: string;
  /** What follows it; absent for one that stands alone. */
  readonly value: { readonly name: string; readonly values: Values } | undefined;
  readonly repeats: boolean;
}

/** A command, as those need it who write about all of them. */
export interface CommandEntry {
  /** From the program down; empty for the program itself. */
  readonly path: readonly string[];
  readonly help: string;
  readonly options: readonly OptionEntry[];
  readonly words: readonly WordEntry[];
  readonly commands: readonly CommandEntry[];
}

/**
 * Read the definition of the program. `implied`: the command that runs where none is named, so that its options are those of the
 * program too.
 */
export function readTree(program: Command, implied: string): CommandEntry {
  const { options, ...root } = readCommand(program, []);
  const more = root.commands.find(({ path }) => path[0] === implied)?.options ?? [];
  const own = options.filter(({ long }) => more.every((other) => other.long !== long));
  return { ...root, options: [...own, ...more] };
}

/** All commands of a tree, the outermost first. */
export function flatten(entry: CommandEntry): readonly CommandEntry[] {
  return [entry, ...entry.commands.flatMap(flatten)];
}

function readCommand(command: Command, path: readonly string[]): CommandEntry {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const names = commands.map((child) => child.name());
  return {
    path,
    help: command.description(),
    options: help.visibleOptions(command).map(readFlag),
    words: command.registeredArguments.map((argument) => readWord(argument)),
    commands: commands.map((child) => {
      const entry = readCommand(child, [...path, child.name()]);
      // The command that explains the others takes their names.
      if (child.name() !== "help") return entry;
      const others = names.filter((name) => name !== "help");
      return {
        ...entry,
        words: entry.words.map((word) => ({ ...word, values: { kind: "choice", choices: others } })),
      };
    }),
  };
}

function readWord(argument: Argument): WordEntry {
  return {
    name: argument.name(),
    help: argument.description,
    values: valuesOf(argument.name()),
    required: argument.required,
    repeats: argument.variadic,
  };
}

function readFlag(flag: Flag): OptionEntry {
  const name = /[<[](.+)[>\]]/.exec(flag.flags)?.[1];
  const long = flag.long ?? flag.flags;
  return {
    long,
    short: flag.short,
    help: flag.description,
    value: name === undefined ? undefined : { name, values: valuesOf(name, long) },
    // One that collects what it is given is given it more than once.
    repeats: flag.parseArg !== undefined,
  };
}

/** What the name of a value says of it, such as `yes|no` and `file`, and else the setting behind the flag `long`. */
function valuesOf(name: string, long?: string): Values {
  if (name.includes("|")) return { kind: "choice", choices: name.split("|") };
  if (name === "file" || name === "folder") return { kind: name };
  if (name === "id=source") return { kind: "camera" };
  const choices = choicesOf(long);
  return choices.length === 0 ? { kind: "text" } : { kind: "choice", choices };
}

/** The words that the setting behind a flag takes; none if they are not a few. */
function choicesOf(long: string | undefined): readonly string[] {
  const settings = [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)];
  const schema = settings.find(({ flag }) => flag.split(" ")[0] === long)?.schema;
  return schema === undefined ? [] : textsOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
}

function textsOf(schema: z.core.JSONSchema.JSONSchema): readonly string[] {
  const found = [
    ...(schema.enum ?? []),
    schema.const,
    ...(schema.anyOf ?? []).flatMap((part) => (typeof part === "object" ? textsOf(part) : [])),
  ];
  return found.filter((value): value is string => typeof value === "string" && value !== "");
}
