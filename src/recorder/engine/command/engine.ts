import type { Engine } from "../engine.ts";
import { Command } from "./command.ts";
import { CommandDecoder, PictureReader } from "./command-decoder.ts";
import { deviceFormat, devices, modes } from "./command-devices.ts";
import { CommandH264 } from "./command-h264.ts";
import { CommandInput } from "./command-input.ts";
import { CommandJpeg } from "./command-jpeg.ts";
import { MemoryPacket } from "./memory-packet.ts";
import { MemoryPicture, pictureBytes } from "./memory-picture.ts";

/** Of JPEGs that were not read by the command: their size stands in each of them. */
const JPEGS = { tag: Buffer.from("MJPG"), width: 16, height: 16, delay: 0, parameters: new Uint8Array(0) };

/** Milliseconds in which a decoder and an encoder have started, one behind the other: each loads a hundred libraries. */
const START_MS = 15_000;

/**
 * The `ffmpeg` command at `file`: one run of it reads an input, one more decodes it while somebody wants what is made of
 * it, and one more makes each track. @throws Error if there is no such command
 */
export async function commandEngine(file: string): Promise<Engine> {
  const command = await Command.find(file);
  return {
    name: "ffmpeg",
    version: command.version,
    startMs: START_MS,
    deviceFormat: deviceFormat(),
    devices: () => devices(command),
    modes: (path) => modes(command, path),
    openInput: (url, options, signal) => CommandInput.open(command, url, options, signal),
    openDecoder: async (input) => {
      const { coded = JPEGS, video } = (input as CommandInput | undefined) ?? {};
      const ready = video?.codec === "rawvideo" && Buffer.from(coded.tag).toString("latin1") === "I420";
      return ready ? new PictureReader(coded) : new CommandDecoder(command, coded);
    },
    openJpegEncoder: async (options, quality) =>
      new CommandJpeg(command, { ...options, like: options.like as MemoryPicture }, quality),
    openH264Encoder: (name, options) =>
      CommandH264.open(command, name, { ...options, like: options.like as MemoryPicture }),
    packet: (jpeg) => new MemoryPacket({ bytes: jpeg, keyframe: true, ptsMicros: performance.now() * 1000 }),
    blank: (size) => MemoryPicture.of(size, new Uint8Array(pictureBytes(size))),
  };
}
