import type { CameraInfo } from "../protocol/index.ts";

/** What decodes: WebCodecs, Media Source Extensions behind a `<video>`, or the browser's image decoder. */
export type DecoderName = "webcodecs" | "mse" | "image";

/** One way to show a camera: an encoding, and what decodes it here. */
export interface Way {
  /** Name of the track. */
  readonly track: string;
  /** Its codec, as the camera says it. */
  readonly codec: string;
  readonly decoder: DecoderName;
}

/** What somebody asks for in place of the best; absent or empty: anything. */
export interface Wish {
  readonly track?: string | undefined;
  readonly decoder?: string | undefined;
}

/** What a browser can do. */
export interface Support {
  /** Whether WebCodecs decodes it. */
  webcodecs(codec: string): boolean;
  /** Whether a `<video>` plays it from frames. */
  mse(codec: string): boolean;
}

/** Every track that every camera has, and that every browser shows. */
export const JPEG_WAY: Way = { track: "jpeg", codec: "jpeg", decoder: "image" };

/** The ways to show a camera here, best first: video before pictures, WebCodecs before a `<video>`. */
export function waysOf(camera: CameraInfo, support: Support): readonly Way[] {
  const videos = camera.tracks.filter(({ codec }) => codec !== "jpeg");
  const by = (decoder: DecoderName, able: (codec: string) => boolean): Way[] =>
    videos.filter(({ codec }) => able(codec)).map(({ name, codec }) => ({ track: name, codec, decoder }));
  return [
    ...by("webcodecs", (codec) => support.webcodecs(codec)),
    ...by("mse", (codec) => support.mse(codec)),
    ...camera.tracks
      .filter(({ codec }) => codec === "jpeg")
      .map(({ name, codec }): Way => ({ track: name, codec, decoder: "image" })),
  ];
}

/**
 * The best of `ways` that has not failed, by what is wished as far as it can be had: a wish that cannot be met is better
 * answered with another picture than with none.
 */
export function choose(ways: readonly Way[], wish: Wish, failed: (way: Way) => boolean): Way | undefined {
  const sound = ways.filter((way) => !failed(way));
  const track = wish.track || undefined;
  const decoder = wish.decoder || undefined;
  return (
    sound.find((way) => (track ?? way.track) === way.track && (decoder ?? way.decoder) === way.decoder) ??
    sound.find((way) => (track ?? way.track) === way.track && track !== undefined) ??
    sound[0] ??
    ways.at(-1)
  );
}

/** Whether two ways are the same, their codec's level aside: a decoder follows that by itself. */
export function sameWay(a: Way | undefined, b: Way | undefined): boolean {
  return a?.track === b?.track && a?.decoder === b?.decoder && family(a?.codec) === family(b?.codec);
}

/** A codec without its profile and level: `avc1`. */
export function family(codec: string | undefined): string | undefined {
  return codec?.split(".", 1)[0];
}
