import { StalledError } from "../../stalled-error.ts";
import type { Input, InputOptions, VideoStream } from "../engine.ts";
import type { Command } from "./command.ts";
import { CommandChild } from "./command-child.ts";
import type { Coded } from "./command-decoder.ts";
import { CommandError } from "./complaint.ts";
import { DecodeTimes } from "./decode-times.ts";
import { inputArguments } from "./input-arguments.ts";
import { MemoryPacket } from "./memory-packet.ts";
import { NutReader } from "./nut-reader.ts";
import type { NutPacket, NutStream } from "./nut-stream.ts";
import { madeOfRaw } from "./raw-device.ts";
import { readStreamLine, type StreamLine } from "./stream-line.ts";

/** Bytes of the largest packet: a raw picture of 8192x8192 has more, and no camera gives one. */
const MAX_PACKET_BYTES = 256 * 1024 * 1024;

/** Packets that wait to be read: a file is read no further ahead, and of a camera those before a keyframe are left out. */
const MAX_WAITING = 32;

/** A device that gives nothing for so long while it is opened has stalled, in ms. */
const FIRST_FRAME_MS = 5000;

const OUTPUT = "-flush_packets 1 -strict experimental -syncpoints none -write_index 0 -f nut pipe:1".split(
  " ",
);

/** A device, a stream or a file that a run of the command reads. */
export class CommandInput implements Input {
  readonly #child: CommandChild;
  readonly #patient: boolean;
  readonly video: VideoStream;
  /** What a decoder of it is told. */
  readonly coded: Coded;
  readonly #waiting: NutPacket[];
  readonly #times: DecodeTimes;
  #failed: Error | undefined;
  #wake: (() => void) | undefined;
  #interrupted = false;

  private constructor(opened: Opened, patient: boolean) {
    const { child, stream, line, packets } = opened;
    this.#child = child;
    this.#patient = patient;
    this.coded = stream;
    this.#waiting = packets;
    this.#times = new DecodeTimes(stream.delay);
    this.video = {
      codec: line.codec,
      width: stream.width,
      height: stream.height,
      rate: line.rate,
      parameters: stream.parameters.byteLength === 0 ? undefined : stream.parameters,
    };
    opened.receive = (packet) => this.#take(packet);
    opened.fail = (error) => {
      this.#failed = error;
    };
    void child.ended.then(() => this.#wake?.());
  }

  /** @throws CommandError, StalledError */
  static async open(
    command: Command,
    url: string,
    options: InputOptions,
    signal: AbortSignal,
  ): Promise<CommandInput> {
    signal.throwIfAborted();
    const { args, script } = inputArguments(command, url, options);
    const offsetSeconds = Date.now() / 1000 - Number(process.hrtime.bigint()) / 1e9;
    const raw = madeOfRaw(options, offsetSeconds);
    const made = raw === undefined ? ["-c", "copy"] : [...raw, ...command.passthrough];
    const child = new CommandChild(command.file, [...args, "-map", "0:V:0", ...made, ...OUTPUT], script);
    return new CommandInput(await opening(child, options.device === true, signal), options.patient === true);
  }

  async read(): Promise<MemoryPacket | undefined> {
    for (;;) {
      if (this.#interrupted) throw new CommandError("it was interrupted");
      const packet = this.#waiting.shift();
      if (packet !== undefined) {
        if (this.#waiting.length === 0) this.#child.output.resume();
        // Of a burst each is seen by those behind before the next one replaces it.
        else await new Promise((resolve) => setImmediate(resolve));
        return this.#packet(packet);
      }
      if (this.#failed !== undefined) throw this.#failed;
      if (!this.#child.running) {
        if (this.#child.failed) throw this.#child.reason;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  readNow(): MemoryPacket | undefined {
    const packet = this.#waiting.shift();
    if (packet !== undefined) return this.#packet(packet);
    if (this.#failed !== undefined) throw this.#failed;
    // Of a device that was pulled out the command thinks that it is at its end.
    if (!this.#child.running)
      throw this.#child.failed ? this.#child.reason : new CommandError("no such device");
    return undefined;
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#child.output.resume();
    void this.#child.leave();
    this.#wake?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.interrupt();
    await this.#child.leave();
  }

  #packet({ ptsMicros, ...rest }: NutPacket): MemoryPacket {
    return new MemoryPacket({ ...rest, ptsMicros, dtsMicros: this.#times.next(ptsMicros) });
  }

  #take(packet: NutPacket): void {
    if (this.#waiting.length >= MAX_WAITING) {
      if (this.#patient) this.#child.output.pause();
      else if (packet.keyframe) this.#waiting.length = 0;
    }
    this.#waiting.push(packet);
    this.#wake?.();
  }
}

/** What is known when an input is open, and who hears of what comes. */
interface Opened {
  readonly child: CommandChild;
  readonly stream: NutStream;
  readonly line: StreamLine;
  readonly packets: NutPacket[];
  receive: (packet: NutPacket) => void;
  fail: (error: Error) => void;
}

/** Waits until it is known what `child` reads. */
function opening(child: CommandChild, device: boolean, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const packets: NutPacket[] = [];
    let line: StreamLine | undefined;
    let output = false;
    let opened: Opened | undefined;
    const give = (error: unknown): void => {
      settle();
      void child.leave().then(() => reject(error));
    };
    const abort = (): void => give(new CommandError("it was interrupted"));
    const stalled = (): void => give(new StalledError(`no frame for ${FIRST_FRAME_MS / 1000} s`));
    let late: NodeJS.Timeout | undefined;
    let settled = false;
    void child.begun.then(() => {
      if (device && !settled) late = setTimeout(stalled, FIRST_FRAME_MS);
    });
    const settle = (): void => {
      settled = true;
      clearTimeout(late);
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort);
    child.onLine = (text) => {
      // The stream that is passed on stands behind the output; of a device that is converted the input says the rate.
      if (text.startsWith("[info] Output #")) output = true;
      const found = readStreamLine(text);
      if (found !== undefined && (output || line === undefined))
        line = { ...found, rate: found.rate ?? line?.rate };
    };
    const nut = new NutReader({
      maxPacketBytes: MAX_PACKET_BYTES,
      stream: (stream) => {
        settle();
        // What is said of it comes through another pipe.
        setImmediate(() => {
          const facts = line ?? { codec: codecOf(stream), rate: undefined, matrix: undefined };
          opened = { child, stream, line: facts, packets, receive: () => {}, fail: () => {} };
          opened.receive = (packet) => packets.push(packet);
          resolve(opened);
        });
      },
      packet: (packet) => (opened === undefined ? packets.push(packet) : opened.receive(packet)),
    });
    child.output.on("data", (chunk: Buffer) => {
      try {
        nut.push(chunk);
      } catch (error) {
        const failed = new CommandError((error as Error).message);
        if (opened === undefined) give(failed);
        else opened.fail(failed);
        child.kill();
      }
    });
    void child.ended.then(() => {
      if (opened === undefined) give(child.reason);
    });
  });
}

const CODECS: Readonly<Record<string, string>> = {
  MJPG: "mjpeg",
  H264: "h264",
  avc1: "h264",
  HEVC: "hevc",
  hvc1: "hevc",
  AV01: "av1",
  VP90: "vp9",
  I420: "rawvideo",
};

function codecOf({ tag }: NutStream): string {
  return CODECS[Buffer.from(tag).toString("latin1")] ?? "unknown";
}
