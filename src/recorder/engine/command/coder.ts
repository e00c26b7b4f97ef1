import { CommandChild } from "./command-child.ts";
import { NutReader, type NutReaderOptions } from "./nut-reader.ts";
import type { NutPacket, NutStream } from "./nut-stream.ts";
import { nutFrame, nutHeader } from "./nut-writer.ts";
import type { StreamLine } from "./stream-line.ts";
import { readStreamLine } from "./stream-line.ts";

/** How a run of the command turns packets into others, one by one. */
export interface CoderOptions {
  /** The command. */
  readonly file: string;
  /** Its arguments in front of its input, which is `pipe:0`. */
  readonly before: readonly string[];
  /** Its arguments behind its input, without the output. */
  readonly after: readonly string[];
  /** What is written to it. */
  readonly stream: Pick<NutStream, "tag" | "width" | "height" | "delay" | "parameters">;
  /** What is read of it. */
  readonly reader: Pick<NutReaderOptions, "maxPacketBytes" | "allocate">;
  /** For how long the answer to the first packet may take, and to each of the others, in ms, once the command runs; then it is held back. */
  readonly patience: { readonly firstMs: number; readonly laterMs: number };
}

/** What comes out: packets into a pipe, each at once. No list is kept of them. */
const OUTPUT = "-flush_packets 1 -strict experimental -syncpoints none -write_index 0 -f nut pipe:1".split(
  " ",
);

/** What goes in is known, and nothing is read ahead to find it out. */
const INPUT = "-copyts -probesize 32 -analyzeduration 0 -f nut -i pipe:0".split(" ");

/**
 * A run of the command that answers each packet with what it makes of it. It is given the next one only when it has
 * answered, so nothing queues in it, however slow it is. Some hold answers back (a decoder of pictures that are not in
 * the order of showing, hardware), and of some packets nothing can be made: how many answers are owed is learned by
 * waiting in vain.
 */
export class Coder implements AsyncDisposable {
  readonly #child: CommandChild;
  readonly #patience: CoderOptions["patience"];
  #output: NutStream | undefined;
  #line: StreamLine | undefined;
  #answers: NutPacket[] = [];
  #owed = 0;
  #held = 0;
  #answered = false;
  #failed: unknown;
  #wake: (() => void) | undefined;

  constructor(options: CoderOptions) {
    const { file, before, after, stream, reader, patience } = options;
    this.#patience = patience;
    this.#child = new CommandChild(file, [...before, ...INPUT, ...after, ...OUTPUT]);
    let output = false;
    this.#child.onLine = (line) => {
      if (line.startsWith("[info] Output #")) output = true;
      if (output) this.#line ??= readStreamLine(line);
    };
    const nut = new NutReader({
      ...reader,
      stream: (found) => {
        this.#output = found;
      },
      packet: (packet) => this.#take(packet),
    });
    this.#child.output.on("data", (chunk: Buffer) => {
      try {
        nut.push(chunk);
      } catch (error) {
        this.#failed = error;
        this.#child.kill();
      }
    });
    void this.#child.ended.then(() => this.#wake?.());
    this.#child.input.write(nutHeader(stream));
  }

  /** What it writes; known when it has answered. */
  get output(): (NutStream & { readonly matrix: string | undefined }) | undefined {
    return this.#output && { ...this.#output, matrix: this.#line?.matrix };
  }

  /**
   * Its answer to a packet: one packet, or none that can be told from one that comes later, or several. `written` is
   * called when the bytes are not read any more. One call at a time. @throws CommandError when it has ended
   */
  async exchange(
    packet: Pick<NutPacket, "bytes" | "keyframe" | "ptsMicros">,
    written: () => void = () => {},
  ): Promise<NutPacket[]> {
    const { bytes, keyframe, ptsMicros } = packet;
    if (!this.#child.running) {
      written();
      throw this.#reason;
    }
    this.#owed++;
    this.#child.input.cork();
    this.#child.input.write(nutFrame(Math.round(ptsMicros), keyframe, bytes.byteLength));
    this.#child.input.write(bytes, () => written());
    this.#child.input.uncork();
    if (!this.#answered) await this.#child.begun;
    const { firstMs, laterMs } = this.#patience;
    await this.#await(this.#answered ? laterMs : firstMs);
    if (this.#answers.length === 0 && !this.#child.running) throw this.#reason;
    return this.#answers.splice(0);
  }

  /** No more packets: what it still holds. @throws CommandError when it has failed */
  async flush(): Promise<NutPacket[]> {
    this.#child.input.end();
    await this.#child.ended;
    if (this.#answers.length === 0 && this.#child.failed) throw this.#reason;
    return this.#answers.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }

  get #reason(): unknown {
    return this.#failed ?? this.#child.reason;
  }

  #take(packet: NutPacket): void {
    this.#answered = true;
    this.#answers.push(packet);
    this.#owed--;
    // It has caught up: what it was thought to hold back it was only late with.
    this.#held = Math.max(0, Math.min(this.#held, this.#owed));
    this.#wake?.();
  }

  async #await(ms: number): Promise<void> {
    if (this.#owed <= this.#held) return;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake?.();
    }, ms);
    while (this.#owed > this.#held && !late && this.#child.running) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
    if (late) this.#held = this.#owed;
  }
}
