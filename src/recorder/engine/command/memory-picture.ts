import type { Size } from "../../../codec/index.ts";
import type { Picture } from "../engine.ts";

/** What a picture's numbers mean where nothing says so: as in a JPEG. */
export const JPEG_MATRIX = "smpte170m";

/** Memory that several share; the last one gives it back. */
interface Shared {
  readonly bytes: Uint8Array;
  readonly release: ((bytes: Uint8Array) => void) | undefined;
  readers: number;
}

/** A picture in JavaScript's memory: YUV 4:2:0 in three planes of full range, row by row without a gap. */
export class MemoryPicture implements Picture {
  readonly width: number;
  readonly height: number;
  /** By which numbers it means colours, as FFmpeg names it. */
  readonly matrix: string;
  readonly #shared: Shared;
  #disposed = false;

  private constructor({ width, height }: Size, matrix: string, shared: Shared) {
    this.width = width;
    this.height = height;
    this.matrix = matrix;
    this.#shared = shared;
    shared.readers++;
  }

  /** A picture of these bytes; `release` hears when nobody reads them any more. */
  static of(
    size: Size,
    bytes: Uint8Array,
    matrix: string = JPEG_MATRIX,
    release?: (bytes: Uint8Array) => void,
  ): MemoryPicture {
    return new MemoryPicture(size, matrix, { bytes, release, readers: 0 });
  }

  /** All of it. */
  get bytes(): Uint8Array {
    return this.#shared.bytes;
  }

  get format(): string {
    return `yuv420p ${this.matrix}`;
  }

  get planes(): { readonly bytes: Uint8Array; readonly stride: number }[] {
    const { width, height } = this;
    const [stride, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    const [luma, chroma] = [width * height, stride * rows];
    return [
      { bytes: this.bytes.subarray(0, luma), stride: width },
      { bytes: this.bytes.subarray(luma, luma + chroma), stride },
      { bytes: this.bytes.subarray(luma + chroma, luma + 2 * chroma), stride },
    ];
  }

  share(): MemoryPicture {
    return new MemoryPicture(this, this.matrix, this.#shared);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#shared.readers--;
    if (this.#shared.readers === 0) this.#shared.release?.(this.#shared.bytes);
  }
}

/** Bytes of a picture of this size. */
export function pictureBytes({ width, height }: Size): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}
