import { H264 } from "../codec/index.ts";
import { AccessUnits } from "./access-units.ts";
import { ENCODER_NAMES, type EncoderName } from "./encoder-name.ts";
import type { EncoderTrial } from "./encoder-trial.ts";
import type { Engine } from "./engine/engine.ts";

// Hardware has smallest sizes; this one is above all of them.
const TRIAL = {
  size: { width: 640, height: 368 },
  rate: 30,
  maxBitrate: 1_000_000,
  level: 31,
  effort: "some",
} as const;
/** Pictures until an encoder that holds some back must have given one. */
const PICTURES = 4;

/** Tries an encoder on a few pictures: many open and then fail. */
async function attempt(engine: Engine, name: EncoderName): Promise<EncoderTrial> {
  using like = engine.blank(TRIAL.size);
  try {
    await using encoder = await engine.openH264Encoder(name, { like, ...TRIAL });
    const units = [];
    for (let i = 0; i < PICTURES; i++) units.push(...(await encoder.encode(like, i === 0)));
    units.push(...(await encoder.flush()));
    const first = units[0] && new AccessUnits(H264).push(units[0].bytes);
    if (first?.keyframe === true) return { name, works: true, reason: "" };
    return { name, works: false, reason: "it gives no picture" };
  } catch (error) {
    return { name, works: false, reason: reasonOf(name, error) };
  }
}

const NEEDS: Readonly<Record<EncoderName, string>> = {
  vaapi: "a graphics processor at /dev/dri and its VA-API driver",
  nvenc: "an NVIDIA card and its driver",
  qsv: "an Intel graphics processor at /dev/dri and its media driver",
  v4l2m2m: "a board whose video encoder is one of /dev/video*",
  videotoolbox: "macOS",
  x264: "nothing but a processor",
};

// FFmpeg says of a driver that is missing only that something went wrong.
function reasonOf(name: EncoderName, error: unknown): string {
  return `it needs ${NEEDS[name]} (${error instanceof Error ? error.message : String(error)})`;
}

/** Tries every H.264 encoder, in the order of preference. */
export async function tryEncoders(engine: Engine): Promise<EncoderTrial[]> {
  const trials: EncoderTrial[] = [];
  for (const name of ENCODER_NAMES) trials.push(await attempt(engine, name));
  return trials;
}

const chosen = new WeakMap<Engine, Promise<EncoderName>>();

/** The first encoder of `engine` that works here. Found out once, when it is first asked for. */
export function bestEncoder(engine: Engine): Promise<EncoderName> {
  const known = chosen.get(engine) ?? findBest(engine);
  chosen.set(engine, known);
  return known;
}

async function findBest(engine: Engine): Promise<EncoderName> {
  for (const name of ENCODER_NAMES) {
    if (name !== "x264" && (await attempt(engine, name)).works) return name;
  }
  return "x264";
}
