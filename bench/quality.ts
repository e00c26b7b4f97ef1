/** How many bytes H.264 and JPEG of the same pictures take, and at equal quality. */

import { execFile } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { createSource } from "../src/recorder/index.ts";
import { save, table } from "./report.ts";

const run = promisify(execFile);

/** What is filmed when no file is named: detail that moves, and a sensor's noise. */
const SYNTHETIC = ["-f", "lavfi", "-i", "mandelbrot=size=1280x720:rate=30,noise=alls=6:allf=t+u"];

/** A capture that lost a picture to a busy machine is made again, so often at most. */
const ATTEMPTS = 4;

/** JPEG qualities that are measured beside the usual one: that of equal quality lies between two of them. */
const QUALITIES = [15, 30, 50];

export interface QualityOptions {
  /** Length of the video; a shorter file is repeated. */
  readonly seconds: number;
  /** A video of your own. */
  readonly file?: string | undefined;
  readonly signal: AbortSignal;
}

/** One track of a capture, beside what was filmed. */
interface Measured {
  readonly bytesPerSecond: number;
  /** Structural similarity to the source, 0 to 1 (Wang et al. 2004), all planes. */
  readonly ssim: number;
}

/** A video through the recorder, as both tracks; then JPEG at other qualities, to compare bytes where the quality is equal. */
export async function quality(options: QualityOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "hello-quality-"));
  try {
    const clip = await film(folder, options);
    const first = await captured(clip, undefined, options.signal);
    const jpegs = new Map<number, Measured>();
    for (const q of QUALITIES) {
      const { jpeg } = await captured(clip, q, options.signal);
      if (jpeg !== undefined) jpegs.set(q, jpeg);
    }
    const equal = bytesAt(first.h264?.ssim ?? 0, [...jpegs.values(), first.jpeg]);
    save("quality", { source: options.file ?? SYNTHETIC.at(-1), clip, first, jpegs: [...jpegs], equal });
    const row = (name: string, measured: Measured | undefined): string[] => [
      name,
      measured === undefined ? "" : `${(measured.bytesPerSecond / 1000).toFixed(0)} kB/s`,
      measured === undefined ? "" : measured.ssim.toFixed(4),
      measured === undefined || first.h264 === undefined
        ? ""
        : (measured.bytesPerSecond / first.h264.bytesPerSecond).toFixed(1),
    ];
    const rows = [row("`h264`", first.h264), row("`jpeg`", first.jpeg)];
    for (const [q, measured] of jpegs) rows.push(row(`\`jpeg\`, quality ${q}`, measured));
    if (first.h264 !== undefined && equal !== undefined) {
      rows.push(
        row("**`jpeg` as good as `h264`**", { bytesPerSecond: equal, ssim: first.h264.ssim }).map((cell) =>
          cell.startsWith("**") ? cell : `**${cell}**`,
        ),
      );
    }
    const what = options.file === undefined ? "mandelbrot with noise" : "a video";
    const title = `Bytes and quality, ${clip.frames} frames of ${what}, ${clip.width}x${clip.height} at ${clip.rate.toFixed(0)}/s`;
    return table(title, ["track", "bytes", "SSIM", "times the bytes of `h264`"], rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Clip {
  readonly path: string;
  readonly frames: number;
  readonly rate: number;
  readonly width: number;
  readonly height: number;
}

/** The video in a codec that nothing passes through, so that both tracks are made of the same decoded pictures. */
async function film(folder: string, { seconds, file, signal }: QualityOptions): Promise<Clip> {
  const path = join(folder, "source.avi");
  const input = file === undefined ? SYNTHETIC : ["-stream_loop", "-1", "-i", file];
  const codec = ["-an", "-c:v", "mpeg4", "-q:v", "2", "-g", "15", "-bf", "0", "-pix_fmt", "yuv420p"];
  await run("ffmpeg", ["-v", "error", ...input, "-t", String(seconds), ...codec, path], { signal });
  const facts = ["-count_packets", "-show_entries", "stream=nb_read_packets,width,height,r_frame_rate"];
  const { stdout } = await run("ffprobe", ["-v", "error", "-of", "json", ...facts, path], { signal });
  const [stream] = (JSON.parse(stdout) as { streams: Record<string, string | number>[] }).streams;
  const [over = 0, under = 1] = String(stream?.["r_frame_rate"]).split("/").map(Number);
  return {
    path,
    frames: Number(stream?.["nb_read_packets"]),
    rate: over / under,
    width: Number(stream?.["width"]),
    height: Number(stream?.["height"]),
  };
}

/** One round of the clip through the recorder's file source, every picture of it; at its own speed. */
async function captured(
  clip: Clip,
  quality: number | undefined,
  signal: AbortSignal,
): Promise<{ readonly jpeg: Measured; readonly h264: Measured | undefined }> {
  for (let attempt = 1; ; attempt++) {
    // H.264 need not be made again for each quality of JPEG.
    const names = quality === undefined ? ["jpeg", "h264"] : ["jpeg"];
    const whole = await capture(clip, names, quality, signal);
    if (whole) {
      const [jpeg, h264] = await Promise.all(
        names.map(async (name): Promise<Measured> => {
          const path = `${clip.path}.${name}`;
          const ssim = await similarity(path, name === "jpeg" ? "mjpeg" : "h264", clip, signal);
          return { bytesPerSecond: (statSync(path).size * clip.rate) / clip.frames, ssim };
        }),
      );
      if (jpeg === undefined) throw new Error("no track was captured");
      return { jpeg, h264 };
    }
    if (attempt === ATTEMPTS) throw new Error(`the machine is too busy: ${ATTEMPTS} captures lost pictures`);
  }
}

/** Writes each track to a file beside the clip; whether no picture was lost. */
async function capture(
  clip: Clip,
  names: readonly string[],
  quality: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const files = new Map(names.map((name) => [name, createWriteStream(`${clip.path}.${name}`)]));
  const counts = new Map(names.map((name) => [name, 0]));
  const done = new AbortController();
  const source = createSource(`file:${clip.path}`, quality === undefined ? {} : { quality });
  await using opened = await source.open(signal);
  opened.want(new Set(names));
  for await (const { track, payload } of opened.frames(AbortSignal.any([signal, done.signal]))) {
    const count = (counts.get(track) ?? 0) + 1;
    // What comes behind the last picture is the next round.
    if (count <= clip.frames) files.get(track)?.write(payload);
    counts.set(track, count);
    if (opened.counters.overwritten > 0 || [...counts.values()].every((n) => n >= clip.frames)) done.abort();
  }
  for (const file of files.values()) await finished(file.end());
  return opened.counters.overwritten === 0 && opened.counters.broken === 0;
}

/** Structural similarity of a track to the clip, picture by picture, both in the range of video. */
async function similarity(path: string, format: string, clip: Clip, signal: AbortSignal): Promise<number> {
  const same = "setpts=N/TB,scale=out_range=tv,format=yuv420p";
  const graph = `[0:v]${same}[a];[1:v]${same}[b];[a][b]ssim`;
  const inputs = ["-f", format, "-i", path, "-i", clip.path];
  const { stderr } = await run("ffmpeg", [...inputs, "-lavfi", graph, "-f", "null", "-"], { signal });
  const all = / All:([\d.]+)/.exec(stderr)?.[1];
  if (all === undefined) throw new Error(`FFmpeg said no similarity: ${stderr.slice(-300)}`);
  return Number(all);
}

/** The bytes at which JPEG reaches `ssim`, between its two measured neighbours; `undefined` outside of them. */
function bytesAt(ssim: number, measured: readonly Measured[]): number | undefined {
  const sorted = measured.toSorted((a, b) => a.ssim - b.ssim);
  for (let n = 1; n < sorted.length; n++) {
    const [low, high] = [sorted[n - 1], sorted[n]];
    if (low === undefined || high === undefined || ssim < low.ssim || ssim > high.ssim) continue;
    const part = (ssim - low.ssim) / (high.ssim - low.ssim || 1);
    return low.bytesPerSecond * (high.bytesPerSecond / low.bytesPerSecond) ** part;
  }
  return undefined;
}
