import { SourceError } from "./frame-source.ts";

/** One part of a stream. */
export interface Part {
  /** Its content, in memory of its own. */
  readonly bytes: Uint8Array;
  /** When its first byte was pushed: the `at` of that {@link MultipartReader.push}. */
  readonly at: number;
}

/** Bounds and hints of a {@link MultipartReader}. */
export interface MultipartOptions {
  /** As the header of the response gives it, without quotes; with or without the leading `--`. */
  readonly boundary: string;
  /** Bytes of one part's content. */
  readonly maxPartBytes: number;
  /**
   * Whether `bytes`, which may be all of a part whose length is not announced, are complete. A part that is, is handed
   * out at once instead of with the boundary of the next one. Asked when a chunk ends a part like a JPEG ends.
   */
  readonly isComplete?: (bytes: Uint8Array) => boolean;
}

/** Bytes of the headers of one part. */
const MAX_HEADER_BYTES = 8192;
/** Bytes in front of the first boundary, or between a part of announced length and the next boundary. */
const MAX_GAP_BYTES = 64 * 1024;
const FIRST_BUFFER_BYTES = 64 * 1024;

const CRLF2 = Buffer.from("\r\n\r\n");
const LF2 = Buffer.from("\n\n");
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const EOI = 0xd9;
const NOTHING = new Uint8Array(0);

type State = "gap" | "header" | "sized" | "unsized" | "ended";

/**
 * Cuts a `multipart/x-mixed-replace` stream into its parts. It owns no socket: feed it chunks of any size. Servers
 * differ: the boundary may be announced with its dashes or without, lines may end without a carriage return, the
 * length of a part may be announced or not.
 */
export class MultipartReader {
  readonly #delimiter: Buffer;
  readonly #options: MultipartOptions;
  #state: State = "gap";
  // What was pushed and not yet consumed: #buffer[0..#length).
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  #length = 0;
  // A part of announced length, as far as it came.
  #body = NOTHING;
  #bodyLength = 0;
  #partAt: number | undefined;
  // Up to here the delimiter was looked for and not found.
  #searched = 0;
  #gapBytes = 0;

  constructor(options: MultipartOptions) {
    this.#options = options;
    // What is announced as --x is sent as --x by some and as ----x by others.
    this.#delimiter = Buffer.from(`--${options.boundary.replace(/^-+(?=[^-])/, "")}`);
  }

  /** Whether the last boundary was read: nothing follows. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /**
   * The parts completed by `chunk`, oldest first. `at` is the time of its arrival.
   * @throws SourceError if a bound is exceeded
   */
  push(chunk: Uint8Array, at: number): Part[] {
    const parts: Part[] = [];
    let rest = chunk;
    while (rest.byteLength > 0 && this.#state !== "ended") {
      if (this.#state === "sized") {
        rest = this.#fill(rest, at, parts);
      } else {
        this.#append(rest);
        rest = this.#advance(at, parts);
      }
    }
    return parts;
  }

  // A part of announced length: bytes go where they belong, nothing is searched.
  #fill(chunk: Uint8Array, at: number, parts: Part[]): Uint8Array {
    this.#partAt ??= at;
    const taken = Math.min(chunk.byteLength, this.#body.byteLength - this.#bodyLength);
    this.#body.set(chunk.subarray(0, taken), this.#bodyLength);
    this.#bodyLength += taken;
    if (this.#bodyLength === this.#body.byteLength) {
      parts.push({ bytes: this.#body, at: this.#partAt });
      this.#body = NOTHING;
      this.#state = "gap";
    }
    return chunk.subarray(taken);
  }

  // Does what the held bytes allow; what belongs to a part of announced length is given back.
  #advance(at: number, parts: Part[]): Uint8Array {
    for (;;) {
      if (this.#state === "gap" && !this.#skipGap()) return NOTHING;
      if (this.#state === "header" && !this.#readHeader()) return NOTHING;
      if (this.#state === "sized") return this.#giveBack();
      if (this.#state === "unsized" && !this.#readUnsized(at, parts)) return NOTHING;
      if (this.#state === "ended") return NOTHING;
    }
  }

  #skipGap(): boolean {
    const found = this.#find(this.#delimiter);
    if (found < 0) {
      // Only a delimiter that has begun is worth keeping.
      const kept = Math.min(this.#length, this.#delimiter.byteLength - 1);
      this.#gapBytes += this.#length - kept;
      this.#consume(this.#length - kept);
      if (this.#gapBytes > MAX_GAP_BYTES) {
        throw new SourceError(
          `the stream has no boundary in ${MAX_GAP_BYTES} bytes; expected ${this.#delimiter.toString()}`,
        );
      }
      return false;
    }
    const after = found + this.#delimiter.byteLength;
    if (this.#length < after + 2) return false;
    if (this.#buffer[after] === DASH && this.#buffer[after + 1] === DASH) {
      this.#state = "ended";
      return true;
    }
    this.#consume(after);
    this.#gapBytes = 0;
    this.#state = "header";
    return true;
  }

  #readHeader(): boolean {
    const held = this.#held();
    // The delimiter's own line end is still there, so a part without headers starts with two line ends as well.
    const crlf = held.indexOf(CRLF2);
    const lf = held.indexOf(LF2);
    const at = crlf < 0 ? lf : lf < 0 ? crlf : Math.min(crlf, lf);
    if (Math.max(at, at < 0 ? held.byteLength : 0) > MAX_HEADER_BYTES) {
      throw new SourceError(`the headers of a part are over the ${MAX_HEADER_BYTES} bytes allowed`);
    }
    if (at < 0) return false;
    const text = held.toString("latin1", 0, at);
    this.#consume(at + (at === crlf ? CRLF2.byteLength : LF2.byteLength));
    const length = /^content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?$/im.exec(text)?.[1];
    const bytes = Number(length ?? 0);
    // Refused on the announcement alone: waiting for the content would be buffering it.
    if (bytes > this.#options.maxPartBytes) throw this.#tooLarge(bytes);
    this.#partAt = undefined;
    // Some servers announce 0 and mean that they do not know.
    this.#state = bytes === 0 ? "unsized" : "sized";
    this.#body = bytes === 0 ? NOTHING : new Uint8Array(bytes);
    this.#bodyLength = 0;
    return true;
  }

  #giveBack(): Uint8Array {
    const rest = Uint8Array.from(this.#held());
    this.#consume(this.#length);
    return rest;
  }

  #readUnsized(at: number, parts: Part[]): boolean {
    if (this.#length > 0) this.#partAt ??= at;
    const found = this.#findLine();
    if (found !== undefined) {
      // Counted without the line end, so that every way of cutting the stream is refused alike.
      if (found.end > this.#options.maxPartBytes) throw this.#tooLarge(found.end);
      if (found.end > 0) parts.push(this.#part(found.end));
      this.#consume(found.delimiter);
      this.#state = "gap";
      return true;
    }
    if (this.#length > this.#options.maxPartBytes + this.#delimiter.byteLength + 2) {
      throw this.#tooLarge(this.#length);
    }
    const end = this.#completeEnd();
    if (end !== undefined) {
      parts.push(this.#part(end));
      this.#consume(end);
      this.#state = "gap";
    }
    return false;
  }

  // The next delimiter at the start of a line, or right behind a JPEG: a short one may occur within a picture.
  #findLine(): { readonly end: number; readonly delimiter: number } | undefined {
    for (;;) {
      const delimiter = this.#find(this.#delimiter);
      if (delimiter < 0) return undefined;
      let end = delimiter;
      while (this.#buffer[end - 1] === DASH) end--;
      const [last, before] = [this.#buffer[end - 1], this.#buffer[end - 2]];
      if (last === LF) return { end: before === CR ? end - 2 : end - 1, delimiter };
      if (end === 0 || (last === EOI && before === 0xff)) return { end, delimiter };
      this.#searched = delimiter + 1;
    }
  }

  // Where the held part ends, if it is complete: many servers write the line end, but not the next boundary, with it.
  #completeEnd(): number | undefined {
    const { isComplete, maxPartBytes } = this.#options;
    let end = this.#length;
    if (this.#buffer[end - 1] === LF) end--;
    if (this.#buffer[end - 1] === CR) end--;
    if (isComplete === undefined || end < 4 || end > maxPartBytes) return undefined;
    if (this.#buffer[end - 1] !== EOI || this.#buffer[end - 2] !== 0xff) return undefined;
    return isComplete(this.#buffer.subarray(0, end)) ? end : undefined;
  }

  #part(end: number): Part {
    return { bytes: new Uint8Array(this.#buffer.subarray(0, end)), at: this.#partAt ?? 0 };
  }

  #held(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #find(what: Buffer): number {
    const found = this.#held().indexOf(what, this.#searched);
    this.#searched = found < 0 ? Math.max(0, this.#length - what.byteLength + 1) : found;
    return found;
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.byteLength;
    if (needed > this.#buffer.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.byteLength * 2));
      larger.set(this.#held());
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  #consume(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#searched = 0;
  }

  #tooLarge(bytes: number): SourceError {
    return new SourceError(
      `a part of ${bytes} bytes is over the ${this.#options.maxPartBytes} bytes allowed`,
    );
  }
}

/**
 * The boundary that a `Content-Type` announces; `undefined` if it is not a stream of parts, `""` if it announces none.
 */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^\s*multipart\//i.test(contentType)) return undefined;
  const match = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/i.exec(contentType);
  return (match?.[1]?.replace(/\\(.)/g, "$1") ?? match?.[2] ?? "").trim();
}
