import { readFileSync } from "node:fs";
import type { Address } from "../bus/index.ts";
import { isCameraId, Limits } from "../protocol/index.ts";
import type { EngineChoice } from "../recorder/engine/load-engine.ts";
import { isLoopback } from "../server/access/loopback.ts";
import type { User } from "../server/access/user.ts";
import {
  type CameraSettings,
  type CameraSpec,
  parseCamera,
  readOption,
  readSettings,
} from "./camera-spec.ts";
import { type DoorConfig, readDoor } from "./door-config.ts";
import type { LogFormat } from "./log.ts";
import { CAMERA_OPTIONS, OPTIONS, type Option } from "./options.ts";
import { UsageError } from "./usage-error.ts";
import { readUsers } from "./users.ts";

/** Largest config file, in bytes. A thousand cameras take less. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** Everything that the user decided, checked and complete. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** What opens the server; `undefined` where none is needed or none was given. */
  readonly token: string | undefined;
  /** Whether the server can be reached from other machines: at its address, or through a proxy. */
  readonly open: boolean;
  /** Who may log in by name; empty if nobody. */
  readonly users: readonly User[];
  /** Origins whose pages may use the server. */
  readonly allowedOrigins: readonly string[];
  /** TLS, and proxies in front of it. */
  readonly door: DoorConfig;
  /** Processes that serve viewers. With one, the server is in the main process. */
  readonly workers: number;
  /** The mapper to use; `undefined` for the usual one. */
  readonly mapper: Address | undefined;
  readonly logLevel: "error" | "warn" | "info" | "debug";
  readonly logFormat: LogFormat;
  /** Whether the server answers to the addresses of other streamers. */
  readonly dropIn: boolean;
  /** What works with video. */
  readonly engine: Pick<EngineChoice, "name" | "command">;
  /** Named by the user; empty if none was. */
  readonly cameras: readonly CameraSpec[];
  /** For a camera that the user did not name. */
  readonly settings: CameraSettings;
}

/** Where settings come from. A flag wins over a variable, a variable over the file. */
export interface ConfigInput {
  /** Parsed flags, by option key. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Put the configuration together, once.
 * @throws UsageError that names the option, the value and what was expected
 */
export async function readConfig({ flags, environment }: ConfigInput): Promise<Config> {
  const path = typeof flags["config"] === "string" ? flags["config"] : environment["HELLO_CONFIG"];
  const file = path === undefined ? {} : await readFile(path);
  const value = <T>(option: Option<T>): T | undefined => {
    const name = option.flag.split(" ")[0] ?? option.key;
    if (flags[option.key] !== undefined) return readOption(option, flags[option.key], name);
    const fromEnvironment = environment[option.variable];
    if (fromEnvironment !== undefined && fromEnvironment !== "") {
      return readOption(option, fromEnvironment, option.variable);
    }
    const fromFile = file[option.key];
    return fromFile === undefined ? undefined : readOption(option, fromFile, `${path}: ${option.key}`);
  };
  const host = value(OPTIONS.host) ?? "127.0.0.1";
  const door = readDoor(value);
  const settings: CameraSettings = {
    size: value(CAMERA_OPTIONS.size),
    rate: value(CAMERA_OPTIONS.rate),
    format: value(CAMERA_OPTIONS.format),
    quality: value(CAMERA_OPTIONS.quality),
    encoder: value(CAMERA_OPTIONS.encoder),
    frozen: value(CAMERA_OPTIONS.frozen),
    warmup: value(CAMERA_OPTIONS.warmup),
    always: value(CAMERA_OPTIONS.always),
  };
  return Object.freeze({
    host,
    port: value(OPTIONS.port) ?? 9000,
    token: value(OPTIONS.token),
    open: !isLoopback(host) || door.surroundings.proxies.length > 0,
    users: file["users"] === undefined ? [] : readUsers(file["users"], `${path}: users`),
    allowedOrigins: value(OPTIONS.allowOrigin) ?? [],
    door,
    workers: value(OPTIONS.workers) ?? 1,
    mapper: value(OPTIONS.mapper),
    logLevel: value(OPTIONS.logLevel) ?? "warn",
    logFormat: value(OPTIONS.logFormat) ?? "auto",
    dropIn: value(OPTIONS.dropIn) ?? true,
    engine: { name: value(OPTIONS.engine), command: value(OPTIONS.ffmpeg) },
    cameras: cameras(flags, environment, file, path ?? "").map((camera) => ({ ...settings, ...camera })),
    settings,
  });
}

function cameras(
  flags: Fields,
  environment: ConfigInput["environment"],
  file: Fields,
  path: string,
): readonly CameraSpec[] {
  const flagged = flags["camera"];
  const listed = environment["HELLO_CAMERA"];
  let found: readonly CameraSpec[] = [];
  if (Array.isArray(flagged) && flagged.length > 0) {
    found = flagged.map((text: string) => parseCamera(text, "--camera"));
  } else if (listed !== undefined && listed !== "") {
    const lines = listed.split("\n").filter((line) => line.trim() !== "");
    found = lines.map((line) => parseCamera(line.trim(), "HELLO_CAMERA"));
  } else if (file["cameras"] !== undefined) {
    found = fileCameras(file["cameras"], path);
  }
  if (found.length > Limits.MAX_CAMERAS) {
    throw new UsageError(`${found.length} cameras are too many: expected at most ${Limits.MAX_CAMERAS}`);
  }
  const ids = new Set<string>();
  for (const { id } of found) {
    if (ids.has(id)) throw new UsageError(`camera ${id} is named twice: expected every id once`);
    ids.add(id);
  }
  return found;
}

function fileCameras(value: unknown, path: string): readonly CameraSpec[] {
  if (!isRecord(value)) throw new UsageError(`${path}: cameras: expected a mapping from id to camera`);
  return Object.entries(value).map(([id, entry]) => {
    const where = `${path}: cameras.${id}`;
    if (!isCameraId(id)) {
      throw new UsageError(`${where}: expected an id of up to 63 small letters, digits and "-"`);
    }
    const fields = new Map(Object.entries(isRecord(entry) ? entry : { source: entry }));
    const source = fields.get("source");
    const name = fields.get("name") ?? id;
    if (typeof source !== "string" || source === "") throw new UsageError(`${where}: expected a source`);
    if (typeof name !== "string" || name.length > Limits.MAX_TEXT_CHARACTERS) {
      throw new UsageError(
        `${where}.name: expected text of at most ${Limits.MAX_TEXT_CHARACTERS} characters`,
      );
    }
    fields.delete("source");
    fields.delete("name");
    return { id, name, source, ...readSettings(fields, where) };
  });
}

async function readFile(path: string): Promise<Fields> {
  const { parse } = await import("yaml");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`config ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) {
    throw new UsageError(`config ${path} is too long: expected at most ${MAX_CONFIG_BYTES} bytes`);
  }
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    throw new UsageError(
      `config ${path} is not YAML: ${String((error as Error).message)
        .split("\n")[0]
        ?.replace(/:$/, "")}`,
    );
  }
  if (!isRecord(value)) throw new UsageError(`config ${path}: expected a mapping from option to value`);
  const known = new Set<string>(["cameras", "users"]);
  for (const { key } of [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)]) known.add(key);
  for (const key of Object.keys(value)) {
    if (!known.has(key))
      throw new UsageError(`${path}: unknown key "${key}": expected ${[...known].join(", ")}`);
  }
  return value;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
