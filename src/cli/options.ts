import { availableParallelism } from "node:os";
import { z } from "zod";
import { type Address, parseAddress } from "../bus/index.ts";
import { ENCODER_NAMES, type EncoderName } from "../recorder/encoder-name.ts";
import { DOOR_OPTIONS, type DoorOptions } from "./door-options.ts";
import { ENGINE_OPTIONS, type EngineOptions } from "./engine-options.ts";
import type { LogFormat } from "./log.ts";

/** One setting of the command: how it is called in each place, and what it may be. */
export interface Option<T> {
  /** Key in the config file. */
  readonly key: string;
  /** Flag as commander takes it. */
  readonly flag: string;
  /** Environment variable. */
  readonly variable: string;
  /** One line for `--help`. */
  readonly help: string;
  /** What a right value is; ends the sentence "expected …". */
  readonly expected: string;
  /** What holds where nobody says anything, for people; absent where `fallback` is that, or where there is nothing. */
  readonly otherwise?: string;
  /** Never repeated, not even in an error; a function says which values. */
  readonly secret?: boolean | ((value: unknown) => boolean);
  /** Reads a value: text from a flag or variable, anything from the config file. */
  readonly schema: z.ZodType<T>;
}

/** One that holds also where nobody says anything. */
export interface SetOption<T> extends Option<T> {
  readonly fallback: T;
}

/** A number, written as one or as digits. */
function number(kind: z.ZodType<number, number>): z.ZodType<number> {
  const digits = z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number);
  return z.union([kind, digits.pipe(kind)]);
}

/** Yes or no, written in any of the usual ways. A flag without a value is yes. */
const flag = z.union([
  z.boolean(),
  z.enum(["true", "yes", "on", "1"]).transform(() => true),
  z.enum(["false", "no", "off", "0", ""]).transform(() => false),
]);

/** Whether a text is an origin as browsers write it. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** A picture size. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const MAX_EDGE = 16_384;

/** Each takes 65 MB of its own, and the mapper feeds each: beyond this a second machine is the better way. */
const MAX_WORKERS = 64;

const size = z
  .string()
  .regex(/^\d{1,5}x\d{1,5}$/)
  .transform((text): Size => {
    const [width = 0, height = 0] = text.split("x").map(Number);
    return { width, height };
  })
  .refine(({ width, height }) => Math.min(width, height) > 0 && Math.max(width, height) <= MAX_EDGE);

/** What may be said of each camera, and of all of them at once. */
export const CAMERA_OPTIONS: {
  readonly size: Option<Size>;
  readonly rate: Option<number>;
  readonly format: Option<string>;
  readonly quality: Option<number>;
  readonly encoder: Option<EncoderName | "auto">;
  readonly frozen: Option<number>;
  readonly warmup: Option<number>;
  readonly always: Option<boolean>;
} = {
  size: {
    key: "size",
    flag: "--size <WxH>",
    variable: "HELLO_SIZE",
    help: "picture size of cameras that can choose (largest up to 1280x720)",
    expected: "WIDTHxHEIGHT in pixels, such as 1280x720",
    otherwise: "the largest up to 1280x720",
    schema: size,
  },
  rate: {
    key: "rate",
    flag: "--rate <number>",
    variable: "HELLO_RATE",
    help: "frames per second of cameras that can choose (30, or the camera's best)",
    expected: "frames per second from 1 to 240",
    otherwise: "30, or the camera's best",
    schema: number(z.number().min(1).max(240)),
  },
  format: {
    key: "format",
    flag: "--format <name>",
    variable: "HELLO_FORMAT",
    help: "format that the camera shall give, such as mjpeg or yuyv422",
    expected: "a format's name, such as mjpeg or yuyv422",
    otherwise: "the camera's best",
    schema: z.string().regex(/^[a-z0-9_]{1,32}$/),
  },
  quality: {
    key: "quality",
    flag: "--quality <number>",
    variable: "HELLO_QUALITY",
    help: "JPEG quality where frames are encoded here",
    expected: "a whole number from 1 to 100",
    otherwise: "75",
    schema: number(z.number().int().min(1).max(100)),
  },
  encoder: {
    key: "encoder",
    flag: "--encoder <name>",
    variable: "HELLO_ENCODER",
    help: "what makes H.264: auto (hardware where it works, else x264) or a name",
    expected: `auto, ${ENCODER_NAMES.join(", ")}`,
    otherwise: "auto",
    schema: z.enum(["auto", ...ENCODER_NAMES]),
  },
  frozen: {
    key: "frozen",
    flag: "--frozen <seconds>",
    variable: "HELLO_FROZEN",
    help: "open a device again whose picture is the same bit for bit for so long (30; 0: never)",
    expected: "0, or seconds from 1 to 86400",
    otherwise: "30",
    schema: number(z.union([z.literal(0), z.number().min(1).max(86_400)])),
  },
  warmup: {
    key: "warmup",
    flag: "--warmup <seconds>",
    variable: "HELLO_WARMUP",
    help: "time that a camera's exposure takes to settle after opening; snapshots wait for it (0)",
    expected: "seconds from 0 to 5",
    otherwise: "0",
    schema: number(z.number().min(0).max(5)),
  },
  always: {
    key: "always",
    flag: "--always",
    variable: "HELLO_ALWAYS",
    help: "keep cameras open while nobody watches",
    expected: "true or false",
    otherwise: "false",
    schema: flag,
  },
};

/** All other settings. */
export const OPTIONS: {
  readonly host: SetOption<string>;
  readonly port: SetOption<number>;
  readonly token: Option<string>;
  readonly allowOrigin: SetOption<readonly string[]>;
  readonly workers: SetOption<number>;
  readonly mapper: Option<Address>;
  readonly logLevel: SetOption<"error" | "warn" | "info" | "debug">;
  readonly logFormat: SetOption<LogFormat>;
  readonly dropIn: SetOption<boolean>;
} & EngineOptions &
  DoorOptions = {
  ...DOOR_OPTIONS,
  ...ENGINE_OPTIONS,
  host: {
    key: "host",
    flag: "--host <address>",
    variable: "HELLO_HOST",
    help: "address to listen on (127.0.0.1: this machine only)",
    expected: "an address or name of this machine, such as 127.0.0.1 or 0.0.0.0",
    fallback: "127.0.0.1",
    schema: z.string().regex(/^[\w.:-]{1,253}$/),
  },
  port: {
    key: "port",
    flag: "--port <number>",
    variable: "HELLO_PORT",
    help: "port to listen on (9000)",
    expected: "a whole number from 0 to 65535",
    fallback: 9000,
    schema: number(z.number().int().min(0).max(65_535)),
  },
  token: {
    key: "token",
    flag: "--token <text>",
    variable: "HELLO_TOKEN",
    help: "who has it is an admin; made at the first start where one is needed, and kept",
    expected: "8 to 256 letters, digits and . _ ~ -",
    secret: true,
    otherwise: "the one that is kept, where one is needed",
    schema: z.string().regex(/^[\w.~-]{8,256}$/),
  },
  allowOrigin: {
    key: "allowOrigin",
    flag: "--allow-origin <origins>",
    variable: "HELLO_ALLOW_ORIGIN",
    help: "pages of other origins that may use this server, with commas between (none)",
    expected: "origins such as https://home.example:8123, with commas between",
    fallback: [],
    schema: z
      .union([
        z.string().transform((text) => text.split(/[\s,]+/).filter((part) => part !== "")),
        z.array(z.string()),
      ])
      .refine((origins) => origins.every(isOrigin)),
  },
  workers: {
    key: "workers",
    flag: "--workers <number>",
    variable: "HELLO_WORKERS",
    help: "processes that serve viewers (1); auto: one per core",
    expected: `a whole number from 1 to ${MAX_WORKERS}, or auto`,
    fallback: 1,
    schema: z.union([
      z.literal("auto").transform(() => Math.min(availableParallelism(), MAX_WORKERS)),
      number(z.number().int().min(1).max(MAX_WORKERS)),
    ]),
  },
  mapper: {
    key: "mapper",
    flag: "--mapper <url>",
    variable: "HELLO_MAPPER",
    help: "the mapper's address: unix:PATH, tcp://HOST:PORT or nats://HOST:PORT[,HOST:PORT]",
    expected: "unix:PATH, tcp://HOST:PORT on this machine, or nats://HOST:PORT[,HOST:PORT][?ca=FILE&…]",
    // Then it has a login in it.
    secret: (value) => String(value).includes("@"),
    otherwise: "one of its own, or the usual one",
    schema: z.string().transform((text, context) => {
      try {
        return parseAddress(text);
      } catch (error) {
        context.addIssue({ code: "custom", message: String(error) });
        return z.NEVER;
      }
    }),
  },
  logLevel: {
    key: "logLevel",
    flag: "--log-level <level>",
    variable: "HELLO_LOG_LEVEL",
    help: "error, warn, info or debug (warn)",
    expected: "error, warn, info or debug",
    fallback: "warn",
    schema: z.enum(["error", "warn", "info", "debug"]),
  },
  logFormat: {
    key: "logFormat",
    flag: "--log-format <name>",
    variable: "HELLO_LOG_FORMAT",
    help: "json for programs, pretty for people; auto: pretty on a terminal (auto)",
    expected: "auto, json or pretty",
    fallback: "auto",
    schema: z.enum(["auto", "json", "pretty"]),
  },
  dropIn: {
    key: "dropIn",
    flag: "--drop-in <yes|no>",
    variable: "HELLO_DROP_IN",
    help: "answer to the addresses of mjpg-streamer, uStreamer and go2rtc too (yes)",
    expected: "yes or no",
    fallback: true,
    schema: flag,
  },
};
