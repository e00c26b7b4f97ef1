import { AV_PIX_FMT_NV12, type AVHWDeviceType, type AVPixelFormat } from "node-av/constants";
import { Frame, HardwareDeviceContext, HardwareFramesContext } from "node-av/lib";
import { check } from "./error.ts";
import { Picture } from "./picture.ts";

/** Pictures in the memory of the device at once: one goes in while one is encoded, and some to spare. */
const POOL = 4;

/** Brings pictures (NV12) into the memory of a graphics processor. */
export class Uploader implements Disposable {
  readonly #device: HardwareDeviceContext;
  /** Where they go. */
  readonly frames: HardwareFramesContext;
  /** The format of what is there. */
  readonly format: AVPixelFormat;

  private constructor(device: HardwareDeviceContext, frames: HardwareFramesContext, format: AVPixelFormat) {
    this.#device = device;
    this.frames = frames;
    this.format = format;
  }

  /** For pictures of the size of `like`. @throws FfmpegError if there is no such device */
  static open(type: AVHWDeviceType, format: AVPixelFormat, like: Picture): Uploader {
    const device = new HardwareDeviceContext();
    check(device.create(type, null, null));
    const frames = new HardwareFramesContext();
    try {
      frames.alloc(device);
      frames.format = format;
      frames.swFormat = AV_PIX_FMT_NV12;
      frames.width = like.width;
      frames.height = like.height;
      frames.initialPoolSize = POOL;
      check(frames.init());
    } catch (error) {
      frames.free();
      device.free();
      throw error;
    }
    return new Uploader(device, frames, format);
  }

  /** A copy of `picture` over there. Dispose of it. @throws FfmpegError */
  async upload(picture: Picture): Promise<Picture> {
    const native = new Frame();
    native.alloc();
    const target = new Picture(native);
    try {
      check(this.frames.getBuffer(native, 0));
      check(await this.frames.transferData(native, picture.native, 0));
      target.takeColours(picture);
      return target;
    } catch (error) {
      target[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.frames.free();
    this.#device.free();
  }
}
