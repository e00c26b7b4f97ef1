import { DeviceSource } from "./device-source.ts";
import { FileSource } from "./file-source.ts";
import type { FrameSource } from "./frame-source.ts";
import { HttpMjpegSource } from "./http-mjpeg-source.ts";
import { checkOptions, parseSource, type SourceOptions } from "./source.ts";
import { TestSource } from "./test-source.ts";
import { UrlSource } from "./url-source.ts";

/**
 * The engine for `source` as a user writes it: `/dev/video0`, `usb:SERIAL`, `camera:NAME`, `http://…`, `rtsp://…` or another URL of
 * FFmpeg, `file:clip.mp4` or the path of a file, `test:1280x720@30`. Nothing is opened.
 * @throws SourceError naming what is wrong and what was expected, without any password
 */
export function createSource(source: string, options: SourceOptions = {}): FrameSource {
  checkOptions(options);
  const parsed = parseSource(source);
  switch (parsed.kind) {
    case "test":
      return new TestSource(source, {
        size: options.size ?? parsed.size,
        rate: options.rate ?? parsed.rate,
        quality: options.quality,
        encoder: options.encoder,
        engine: options.engine,
      });
    case "device":
      return new DeviceSource(source, { path: parsed.path }, options);
    case "camera":
      return new DeviceSource(source, { name: parsed.name }, options);
    case "usb":
      return new DeviceSource(source, { plugged: parsed.plugged }, options);
    case "http":
      return new HttpMjpegSource(parsed.url, options);
    case "url":
      return new UrlSource(parsed.url, options);
    case "file":
      return new FileSource(source, parsed.path, options);
  }
}
