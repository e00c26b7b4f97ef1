import { writeFile } from "node:fs/promises";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVFMT_GLOBALHEADER,
  AVIO_FLAG_WRITE,
  type FFEncoderCodec,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, FormatContext, IOContext, Packet, Rational } from "node-av/lib";
import { micros } from "../../src/protocol/index.ts";
import { type Luma, readStrip } from "../../src/recorder/counter-strip.ts";
import * as Ffmpeg from "../../src/recorder/engine/node-av/index.ts";
import { TestPicture } from "../../src/recorder/test-picture.ts";

/** A video to make. */
export interface Clip {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** FFmpeg's name of the encoder. */
  readonly encoder: string;
  readonly options: Readonly<Record<string, string>>;
  readonly gop: number;
  readonly bFrames?: number;
}

const must = (code: number): number => {
  if (code < 0) throw new Error(`FFmpeg answered ${code}`);
  return code;
};

/** Write a clip of the test picture, numbered from 0 in its strip, at 25/s; the ending of `path` says the container. */
export async function writeClip(path: string, clip: Clip): Promise<void> {
  const { width, height, encoder, options, gop, bFrames = 0 } = clip;
  using canvas = Ffmpeg.Picture.blank(width, height);
  // Every encoder takes this format; the numbers in the strip survive it.
  canvas.native.format = AV_PIX_FMT_YUV420P;
  const picture = new TestPicture({ width, height }, 25, canvas.planes);
  const codec = Codec.findEncoderByName(encoder as FFEncoderCodec);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, 25);
  context.framerate = new Rational(25, 1);
  context.gopSize = gop;
  context.maxBFrames = bFrames;
  const output = new FormatContext();
  must(output.allocOutputContext2(null, null, path));
  if (((output.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER) !== 0)
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  must(await context.open2(codec, Dictionary.fromObject({ ...options })));
  const stream = output.newStream(null);
  must(stream.codecpar.fromContext(context));
  stream.timeBase = context.timeBase;
  const io = new IOContext();
  must(await io.open2(path, AVIO_FLAG_WRITE));
  output.pb = io;
  must(await output.writeHeader(null));
  const packet = new Packet();
  packet.alloc();
  for (let count = 0; count <= clip.frames; count++) {
    const last = count === clip.frames;
    if (!last) picture.draw(micros(1_700_000_000_000_000 + count * 40_000), count);
    canvas.native.pts = BigInt(count);
    canvas.native.pictType = AV_PICTURE_TYPE_NONE;
    must(await context.sendFrame(last ? null : canvas.native));
    while ((await context.receivePacket(packet)) >= 0) {
      packet.streamIndex = 0;
      packet.duration = 1n;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      must(await output.interleavedWriteFrame(packet));
    }
  }
  must(await output.writeTrailer());
  await io.closep();
  context.freeContext();
}

/** The numbers that the pictures of a stream show, in the order of showing; `format` as FFmpeg names it. */
export async function readCounters(payloads: readonly Uint8Array[], format: string): Promise<number[]> {
  return (await readPictures(payloads, format)).map(readStrip);
}

/** Brightness of the pictures of a stream, which starts at its first payload. */
export async function readPictures(payloads: readonly Uint8Array[], format: string): Promise<Luma[]> {
  const bytes = Buffer.concat(payloads);
  const url = `data:application/octet-stream;base64,${bytes.toString("base64")}`;
  await using input = await Ffmpeg.Input.open(url, { format }, new AbortController().signal);
  await using decoder = await Ffmpeg.VideoDecoder.open(input);
  const found: Luma[] = [];
  const keep = (pictures: readonly Ffmpeg.Picture[]): void => {
    for (const picture of pictures) {
      using shown = picture;
      const { bytes: luma, stride } = shown.planes[0]!;
      found.push({ bytes: Uint8Array.from(luma), stride, width: shown.width, height: shown.height });
    }
  };
  for (let packet = await input.read(); packet !== undefined; packet = await input.read()) {
    using one = packet;
    keep(await decoder.decode(one));
  }
  keep(await decoder.decode(undefined));
  return found;
}

/** Write the bytes of several files behind each other. */
export async function concatenate(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await writeFile(path, Buffer.concat(parts));
}
