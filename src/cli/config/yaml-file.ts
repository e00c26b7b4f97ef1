import { readFileSync } from "node:fs";
import type { Document, LineCounter, Node, YAMLMap } from "yaml";
import { systemReason } from "../../system/system-reason.ts";
import { UsageError } from "../usage-error.ts";
import type { Faults, Place } from "./faults.ts";

/** Largest config file, in bytes. A thousand cameras take less. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** One key of a mapping, and what stands behind it. */
export interface Entry {
  readonly key: string;
  /** Where the key stands. */
  readonly place: Place;
  /** As JavaScript has it. */
  readonly value: unknown;
  /** Where the value stands; the key's place if there is none. */
  readonly valuePlace: Place;
  /** What is in it, where it is a mapping. */
  readonly entries: readonly Entry[] | undefined;
}

/**
 * Read a file of YAML that is a mapping, with the place of everything in it. `undefined` if it is none: then it is said why.
 * @throws UsageError if it cannot be read at all
 */
export async function readYaml(file: string, faults: Faults): Promise<readonly Entry[] | undefined> {
  const text = readText(file);
  const { parseDocument, LineCounter } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Place => placeOf(file, lines, offset);
  let isBroken = false;
  for (const { code, message, pos } of document.errors) {
    // What comes after the first break is its consequence.
    if (isBroken) break;
    isBroken = code !== "DUPLICATE_KEY";
    faults.add(
      isBroken
        ? `this is not YAML: ${ownWords(message)}${bareColon(text, pos[0])}`
        : "this key is there twice: expected every key once",
      at(pos[0]),
    );
  }
  if (isBroken) return undefined;
  const reader = new Reader(document, at, await import("yaml"));
  try {
    const entries = reader.root();
    if (entries === undefined) faults.add("expected a mapping from key to value", at(0));
    return entries;
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    faults.add("its aliases are not right: expected few, each after its anchor", at(0));
    return undefined;
  }
}

function readText(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`config ${file} cannot be read: ${systemReason(error)}`);
  }
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) {
    throw new UsageError(`config ${file} is too long: expected at most ${MAX_CONFIG_BYTES} bytes`);
  }
  return text;
}

/** What the parser says, without what it repeats of the file: that may be a password. */
function ownWords(message: string): string {
  return message.replace(/(?<=\w): .*| [!\\]\S+/s, "");
}

/**
 * A source may end in a colon, as `test:` does, and YAML takes what has one at its end for a key: what to do, on a line with such a word.
 * The word is not repeated: a password may end in a colon too.
 */
function bareColon(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0] ?? "";
  const isThere = /[:{,-]\s+[\w-]+:\s*(?:[,}#]|$)/.test(line);
  return isThere ? "; a value that ends in a colon stands in quotes" : "";
}

function placeOf(file: string, lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

/** Takes a document apart. */
class Reader {
  readonly #document: Document.Parsed;
  readonly #at: (offset: number) => Place;
  readonly #yaml: Pick<typeof import("yaml"), "isAlias" | "isMap" | "isNode" | "isScalar">;
  /** Mappings that are being read: an alias inside its own anchor has no end. */
  readonly #open = new Set<YAMLMap>();

  constructor(document: Document.Parsed, at: (offset: number) => Place, yaml: typeof import("yaml")) {
    this.#document = document;
    this.#at = at;
    this.#yaml = yaml;
  }

  /** The whole file; one with nothing in it is a mapping with nothing in it. */
  root(): readonly Entry[] | undefined {
    const { contents } = this.#document;
    if (contents === null || this.#document.toJS() === null) return [];
    return this.#entries(contents as Node);
  }

  #entries(node: unknown): readonly Entry[] | undefined {
    const { isAlias, isMap } = this.#yaml;
    const found = isAlias(node) ? node.resolve(this.#document) : node;
    if (!isMap(found)) return undefined;
    if (this.#open.has(found)) throw new ReferenceError("an alias stands in its own anchor");
    this.#open.add(found);
    const entries = found.items.map(({ key, value }) => this.#entry(key, value));
    this.#open.delete(found);
    return entries;
  }

  #entry(key: unknown, value: unknown): Entry {
    const { isNode, isScalar } = this.#yaml;
    const place = this.#at((isNode(key) ? key.range?.[0] : undefined) ?? 0);
    const range = isNode(value) ? value.range : undefined;
    return {
      key: String(isScalar(key) ? key.value : key),
      place,
      value: isNode(value) ? value.toJS(this.#document) : (value ?? undefined),
      valuePlace: range && range[0] !== range[1] ? this.#at(range[0]) : place,
      entries: this.#entries(value),
    };
  }
}
