import {
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  type AVPixelFormat,
} from "node-av/constants";
import { avGetPixFmtName, Frame } from "node-av/lib";
import type { Picture as PicturePort } from "../engine.ts";
import { check } from "./error.ts";

/** One decoded picture. Dispose of it. */
export class Picture implements PicturePort {
  readonly native: Frame;

  constructor(native: Frame) {
    this.native = native;
  }

  /**
   * A picture to draw on, every value 0: YUV 4:2:0 by ITU-R BT.601, in three planes of full range (what a JPEG holds), or in
   * two of the range of video.
   */
  static blank(width: number, height: number, layout: "yuvj420p" | "nv12" = "yuvj420p"): Picture {
    const native = new Frame();
    native.alloc();
    native.format = layout === "nv12" ? AV_PIX_FMT_NV12 : AV_PIX_FMT_YUVJ420P;
    native.colorRange = layout === "nv12" ? AVCOL_RANGE_MPEG : AVCOL_RANGE_JPEG;
    native.colorSpace = AVCOL_SPC_BT470BG;
    native.width = width;
    native.height = height;
    check(native.getBuffer());
    const picture = new Picture(native);
    for (const { bytes } of picture.planes) bytes.fill(0);
    return picture;
  }

  get width(): number {
    return this.native.width;
  }

  get height(): number {
    return this.native.height;
  }

  /** FFmpeg's name of the pixel format, with its range. */
  get format(): string {
    return avGetPixFmtName(this.native.format as AVPixelFormat) ?? "unknown";
  }

  /** Whether it is what a JPEG holds: YUV 4:2:0 by ITU-R BT.601, full range. */
  get isJpeg(): boolean {
    const { format, colorSpace } = this.native;
    return format === AV_PIX_FMT_YUVJ420P && colorSpace !== AVCOL_SPC_BT709;
  }

  get planes(): { readonly bytes: Uint8Array; readonly stride: number }[] {
    const strides = this.native.linesize;
    return (this.native.data ?? []).map((bytes, index) => ({ bytes, stride: strides[index] ?? 0 }));
  }

  share(): Picture {
    const native = new Frame();
    native.alloc();
    check(native.ref(this.native));
    return new Picture(native);
  }

  /** Mean the same colours by the same numbers as `other`, range aside. */
  takeColours({ native }: Picture): void {
    this.native.colorSpace = native.colorSpace;
    this.native.colorPrimaries = native.colorPrimaries;
    this.native.colorTrc = native.colorTrc;
  }

  [Symbol.dispose](): void {
    this.native.free();
  }
}
