import { z } from "zod";
import { ENGINE_NAMES, type EngineName } from "../recorder/engine/engine-name.ts";
import type { Option, SetOption } from "./options.ts";

/** What works with video. */
export interface EngineOptions {
  readonly engine: SetOption<EngineName | "auto">;
  readonly ffmpeg: Option<string>;
}

/** Settings of what works with video. */
export const ENGINE_OPTIONS: EngineOptions = {
  engine: {
    key: "engine",
    flag: "--engine <name>",
    variable: "HELLO_ENGINE",
    help: "what reads and makes video: node-av, ffmpeg (the command), or auto: the first that is here",
    expected: `auto, ${ENGINE_NAMES.join(", ")}`,
    schema: z.enum(["auto", ...ENGINE_NAMES]),
    fallback: "auto",
  },
  ffmpeg: {
    key: "ffmpeg",
    flag: "--ffmpeg <path>",
    variable: "HELLO_FFMPEG",
    help: "where the ffmpeg command is",
    expected: "the path of a program",
    otherwise: "on the PATH",
    schema: z
      .string()
      .min(1)
      .max(4096)
      .refine((path) => !path.includes("\0")),
  },
};
