/** A stream of video as the command tells of it when it opens one. */
export interface StreamLine {
  /** FFmpeg's name: `h264`. */
  readonly codec: string;
  /** Frames per second; absent where none are promised. */
  readonly rate: number | undefined;
  /** By which numbers it means colours; absent where it does not say. */
  readonly matrix: string | undefined;
}

/** The most frames per second that are believed: above it stands the tick of a clock. */
const MAX_RATE = 1000;

/**
 * Read a line such as `Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 1280x720, 25 fps, 25 tbr`;
 * `undefined` if it is of something else.
 */
export function readStreamLine(line: string): StreamLine | undefined {
  const found = /^\[info\] +Stream #\d+:\d+.*?: Video: (\w+)(.*)$/.exec(line);
  if (found === null) return undefined;
  const [, codec = "", facts = ""] = found;
  const rate = (unit: string): number | undefined => {
    const [, digits, thousands] = new RegExp(`, ([\\d.]+)(k)? ${unit}\\b`).exec(facts) ?? [];
    const value = digits === undefined ? 0 : Number(digits) * (thousands === undefined ? 1 : 1000);
    return value > 0 && value <= MAX_RATE ? value : undefined;
  };
  const colours = /\b(?:yuv|nv)\w*\(([^)]*)\)/.exec(facts)?.[1]?.split(/[,/] ?/) ?? [];
  const matrix = colours.find((name) => /^(bt|smpte|fcc|ycgco|gbr)/.test(name));
  return { codec, rate: rate("fps") ?? rate("tbr"), matrix };
}
