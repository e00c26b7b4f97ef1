import { UsageError } from "../usage-error.ts";

/** Where something stands in a file. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** One thing that is wrong. */
export interface Fault {
  /** What, and what was expected, in one sentence. */
  readonly sentence: string;
  /** Absent of what stands in no file. */
  readonly place?: Place | undefined;
  /** The whole way to it: `cameras.front.rate`. */
  readonly key?: string | undefined;
}

/** What is wrong with the settings, all of it. One line for each fault. */
export class ConfigError extends UsageError {
  /** In the order of the file. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(describe).join("\n"));
    this.faults = faults;
  }
}

/** Gathers what is wrong, so that all of it is told at once. */
export class Faults {
  readonly #all: Fault[] = [];

  /** How many there are. */
  get count(): number {
    return this.#all.length;
  }

  /** One more. */
  add(sentence: string, place?: Place, key?: string): void {
    this.#all.push({ sentence, place, key });
  }

  /** Take what `read` answers, or what it throws as a fault at `place`. */
  attempt<T>(read: () => T, place?: Place, key?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.add(error.message, place, key);
      return undefined;
    }
  }

  /** @throws ConfigError if there is any */
  check(): void {
    if (this.#all.length === 0) return;
    throw new ConfigError(this.#all.sort((a, b) => order(a) - order(b)));
  }
}

/** `hello.yaml:3:7: port: what is wrong with it`. */
function describe({ sentence, place, key }: Fault): string {
  const at = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
  return `${at}${key === undefined ? "" : `${key}: `}${sentence}`;
}

function order({ place }: Fault): number {
  return place === undefined ? -1 : place.line * 10_000 + place.column;
}
