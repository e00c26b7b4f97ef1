import type { Size } from "../../codec/index.ts";

/** A format of a V4L2 device and its sizes. */
export interface ListedFormat {
  /** FFmpeg's name; empty or odd where it has none. */
  readonly format: string;
  readonly compressed: boolean;
  readonly sizes: readonly Size[];
}

/**
 * The formats in what FFmpeg says when it lists those of a V4L2 device:
 * `Compressed:       mjpeg :          Motion-JPEG : 1280x720 640x480`.
 */
export function parseListing(text: string): ListedFormat[] {
  const entries = text.split(/(?=\b(?:Compressed|Raw {7}):)/);
  return entries.flatMap((entry): ListedFormat[] => {
    const [kind, format = "", ...rest] = entry.split(":");
    const compressed = kind?.trim() === "Compressed";
    if (!compressed && kind?.trim() !== "Raw") return [];
    const sizes = [...(rest.at(-1)?.matchAll(/\b([1-9]\d*)x([1-9]\d*)\b/g) ?? [])];
    return [
      {
        format: format.trim(),
        compressed,
        sizes: sizes.map(([, width, height]) => ({ width: Number(width), height: Number(height) })),
      },
    ];
  });
}

/** The names of the compressed formats that have this size. One that FFmpeg has no name for cannot be opened. */
export function compressedAt(formats: readonly ListedFormat[], { width, height }: Size): string[] {
  return formats
    .filter(({ compressed, format }) => compressed && /^[a-z]/.test(format))
    .filter(({ sizes }) => sizes.some((size) => size.width === width && size.height === height))
    .map(({ format }) => format);
}
