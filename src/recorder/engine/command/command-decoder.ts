import type { Size } from "../../../codec/index.ts";
import { Lane } from "../../lane.ts";
import type { Packet, VideoDecoder } from "../engine.ts";
import { Coder, type CoderOptions } from "./coder.ts";
import type { Command } from "./command.ts";
import type { MemoryPacket } from "./memory-packet.ts";
import { JPEG_MATRIX, MemoryPicture, pictureBytes } from "./memory-picture.ts";
import type { NutPacket, NutStream } from "./nut-stream.ts";
import { PicturePool } from "./picture-pool.ts";

/** Bytes of the largest picture that is taken: 8192x8192. */
const MAX_PICTURE_BYTES = 8192 * 8192 * 1.5;

/** Milliseconds that a picture may take; then its packet is one of which none comes. Of the first the program prepares itself. */
const PATIENCE: CoderOptions["patience"] = { firstMs: 1500, laterMs: 250 };

/** What is decoded. */
export type Coded = Pick<NutStream, "tag" | "width" | "height" | "delay" | "parameters">;

/** Turns packets into pictures, with a run of the command. */
export class CommandDecoder implements VideoDecoder {
  readonly #command: Command;
  readonly #coded: Coded;
  readonly #pool = new PicturePool();
  readonly #lane = new Lane();
  #coder: Coder | undefined;
  #closed = false;

  constructor(command: Command, coded: Coded) {
    this.#command = command;
    this.#coded = coded;
  }

  decode(packet: MemoryPacket | undefined): Promise<MemoryPicture[]> {
    return this.#lane.run(async () => {
      if (this.#closed) return [];
      if (packet === undefined) return this.#pictures((await this.#coder?.flush()) ?? []);
      const first = await this.#exchange(packet);
      if (first !== undefined) return first;
      // Its pictures have another size from here on: what was begun for the old one would scale them to it.
      await this.#rest();
      return (await this.#exchange(packet)) ?? [];
    });
  }

  async #exchange(packet: MemoryPacket): Promise<MemoryPicture[] | undefined> {
    this.#coder ??= this.#open();
    const answers = await this.#coder.exchange(packet);
    const size = this.#coder.output;
    if (size !== undefined && answers.some(({ bytes }) => bytes.byteLength !== pictureBytes(size)))
      return undefined;
    return this.#pictures(answers);
  }

  #pictures(answers: readonly NutPacket[]): MemoryPicture[] {
    const output = this.#coder?.output;
    if (output === undefined) return [];
    const { width, height, matrix = JPEG_MATRIX } = output;
    const size: Size = { width, height };
    return answers.flatMap(({ bytes }) =>
      bytes.byteLength === pictureBytes(size)
        ? [MemoryPicture.of(size, bytes, matrix, (buffer) => this.#pool.give(buffer))]
        : [],
    );
  }

  #open(): Coder {
    return new Coder({
      file: this.#command.file,
      // More threads would hold pictures back, and so would a parser, which looks for the end of a picture in the next one.
      before: "-threads 1 -fflags noparse+nofillin -flags low_delay".split(" "),
      after: [
        ..."-map 0:v:0 -vf scale=out_range=pc -pix_fmt yuv420p -autoscale 0 -c:v rawvideo -threads 1".split(
          " ",
        ),
        ...this.#command.passthrough,
      ],
      stream: this.#coded,
      reader: { maxPacketBytes: MAX_PICTURE_BYTES, allocate: (length) => this.#pool.take(length) },
      patience: PATIENCE,
    });
  }

  async #rest(): Promise<void> {
    const coder = this.#coder;
    this.#coder = undefined;
    await coder?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#lane.run(() => this.#rest());
  }
}

/** Packets that are pictures already. */
export class PictureReader implements VideoDecoder {
  readonly #size: Size;

  constructor({ width, height }: Size) {
    this.#size = { width, height };
  }

  async decode(packet: Packet | undefined): Promise<MemoryPicture[]> {
    if (packet?.byteLength !== pictureBytes(this.#size)) return [];
    return [MemoryPicture.of(this.#size, packet.bytes)];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
