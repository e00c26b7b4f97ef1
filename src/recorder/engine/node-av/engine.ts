import type { Engine } from "../engine.ts";
import { deviceFormat, devices, modes } from "./devices.ts";
import { version } from "./error.ts";
import { Input } from "./input.ts";
import { Packet } from "./packet.ts";
import { Picture } from "./picture.ts";
import { ScaledH264 } from "./scaled-h264.ts";
import { ScaledJpeg } from "./scaled-jpeg.ts";
import { VideoDecoder } from "./video-decoder.ts";

/** FFmpeg inside this process. */
export const nodeAv: Engine = {
  name: "node-av",
  version: version(),
  startMs: 0,
  deviceFormat: deviceFormat(),
  devices,
  modes,
  openInput: (url, options, signal) => Input.open(url, options, signal),
  openDecoder: (input) => VideoDecoder.open(input as Input | undefined),
  openJpegEncoder: (options, quality) =>
    ScaledJpeg.open({ ...options, like: options.like as Picture }, quality),
  openH264Encoder: (name, options) => ScaledH264.open(name, { ...options, like: options.like as Picture }),
  packet: (jpeg) => Packet.of(jpeg),
  blank: ({ width, height }) => Picture.blank(width, height),
};
