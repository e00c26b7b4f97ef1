import type { Address } from "../bus/index.ts";
import { Limits } from "../protocol/index.ts";
import type { EngineChoice } from "../recorder/engine/load-engine.ts";
import { isLoopback } from "../server/access/loopback.ts";
import type { User } from "../server/access/user.ts";
import { type CameraSettings, type CameraSpec, parseCamera, readOption } from "./camera-spec.ts";
import { Faults, type Place } from "./config/faults.ts";
import { type ConfigFile, readConfigFile, settingsFault, sourceFault } from "./config/file.ts";
import { type DoorConfig, readDoor } from "./door-config.ts";
import type { LogFormat } from "./log.ts";
import { CAMERA_OPTIONS, OPTIONS, type Option, type SetOption } from "./options.ts";
import { UsageError } from "./usage-error.ts";

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

/** Who has set something. */
export type Origin =
  | { readonly kind: "option" | "variable"; readonly name: string }
  | { readonly kind: "file"; readonly place: Place }
  | { readonly kind: "default" };

/** One option as it stands now. */
export interface Setting {
  readonly option: Option<unknown>;
  /** As it is understood; `undefined`: nobody has set it, and it has no value of its own. */
  readonly value: unknown;
  /** As it was written. */
  readonly written: unknown;
  readonly origin: Origin;
}

/** The configuration, and where each part of it comes from. */
export interface Settled {
  readonly config: Config;
  /** All options, by key. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** By id of a camera. */
  readonly cameras: ReadonlyMap<string, Origin>;
  /** By name of a user. */
  readonly users: ReadonlyMap<string, Origin>;
  /** `undefined`: there is none. */
  readonly file: ConfigFile | undefined;
}

/**
 * Put the configuration together, once.
 * @throws UsageError that names the option, the value and what was expected; of a file also the line
 */
export async function readConfig(input: ConfigInput): Promise<Config> {
  return (await settle(input)).config;
}

/** The same, with the origin of everything. @throws UsageError */
export async function settle({ flags, environment }: ConfigInput): Promise<Settled> {
  const faults = new Faults();
  const path = configPath({ flags, environment });
  const file = path === undefined ? undefined : await readConfigFile(path, faults);
  const settings = new Map<string, Setting>();
  const value = <T>(option: Option<T>): T | undefined => {
    const setting = settings.get(option.key) ?? find(option, { flags, environment }, file, faults);
    // Once: what is wrong is said once.
    settings.set(option.key, setting);
    return setting.origin.kind === "default" ? undefined : (setting.value as T);
  };
  for (const option of [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)]) value<unknown>(option);
  const held = <T>(option: SetOption<T>): T => value(option) ?? option.fallback;
  const host = held(OPTIONS.host);
  const given: CameraSettings = {
    size: value(CAMERA_OPTIONS.size),
    rate: value(CAMERA_OPTIONS.rate),
    format: value(CAMERA_OPTIONS.format),
    quality: value(CAMERA_OPTIONS.quality),
    encoder: value(CAMERA_OPTIONS.encoder),
    frozen: value(CAMERA_OPTIONS.frozen),
    warmup: value(CAMERA_OPTIONS.warmup),
    always: value(CAMERA_OPTIONS.always),
  };
  const door = faults.attempt(() => readDoor(value), tlsPlace(settings));
  const named = cameras({ flags, environment }, file, faults);
  for (const { camera, origin } of named) {
    const sentence = settingsFault({ ...given, ...camera });
    const place = origin.kind === "file" ? origin.place : undefined;
    if (sentence !== undefined) faults.add(`camera ${camera.id}: ${sentence}`, place);
  }
  faults.check();
  if (door === undefined) throw new UsageError("the settings of TLS are not right");
  const config: Config = Object.freeze({
    host,
    port: held(OPTIONS.port),
    token: value(OPTIONS.token),
    open: !isLoopback(host) || door.surroundings.proxies.length > 0,
    users: (file?.users ?? []).map((user) => user.value),
    allowedOrigins: held(OPTIONS.allowOrigin),
    door,
    workers: held(OPTIONS.workers),
    mapper: value(OPTIONS.mapper),
    logLevel: held(OPTIONS.logLevel),
    logFormat: held(OPTIONS.logFormat),
    dropIn: held(OPTIONS.dropIn),
    engine: { name: held(OPTIONS.engine), command: value(OPTIONS.ffmpeg) },
    cameras: named.map(({ camera }) => ({ ...given, ...camera })),
    settings: given,
  });
  return {
    config,
    settings,
    cameras: new Map(named.map(({ camera, origin }) => [camera.id, origin])),
    users: new Map(file?.users.map((user) => [user.value.name, { kind: "file", place: user.place }])),
    file,
  };
}

/** The config file that the user named. */
export function configPath({ flags, environment }: ConfigInput): string | undefined {
  if (typeof flags["config"] === "string") return flags["config"];
  const path = environment["HELLO_CONFIG"];
  return path === "" ? undefined : path;
}

/** What is set for an option, and by whom. */
function find(
  option: Option<unknown>,
  { flags, environment }: ConfigInput,
  file: ConfigFile | undefined,
  faults: Faults,
): Setting {
  const read = (written: unknown, origin: Origin & { readonly name: string }): Setting => {
    const value = faults.attempt(() => readOption(option, written, origin.name));
    return { option, value, written, origin };
  };
  const flagged = flags[option.key];
  const name = option.flag.split(" ")[0] ?? option.key;
  if (flagged !== undefined) return read(flagged, { kind: "option", name });
  const fromEnvironment = environment[option.variable];
  if (fromEnvironment !== undefined && fromEnvironment !== "") {
    return read(fromEnvironment, { kind: "variable", name: option.variable });
  }
  const found = file?.settings.get(option.key);
  if (found !== undefined) return { option, ...found, origin: { kind: "file", place: found.place } };
  const { fallback } = option as Partial<SetOption<unknown>>;
  return { option, value: fallback, written: fallback, origin: { kind: "default" } };
}

/** Where the file speaks of TLS, for what is wrong with all of it together. */
function tlsPlace(settings: ReadonlyMap<string, Setting>): Place | undefined {
  for (const key of ["tls", "tlsCert", "tlsKey"]) {
    const origin = settings.get(key)?.origin;
    if (origin?.kind === "file") return origin.place;
  }
  return undefined;
}

interface Named {
  readonly camera: CameraSpec;
  readonly origin: Origin;
}

/** The cameras that the user named, wherever. */
function cameras(input: ConfigInput, file: ConfigFile | undefined, faults: Faults): readonly Named[] {
  const { texts, origin } = listed(input);
  if (origin === undefined) {
    return (file?.cameras ?? []).map(({ value, place }) => ({
      camera: value,
      origin: { kind: "file", place },
    }));
  }
  const found: Named[] = [];
  for (const text of texts) {
    const camera = faults.attempt(() => parseCamera(text, origin.name));
    if (camera === undefined) continue;
    if (found.some((other) => other.camera.id === camera.id)) {
      faults.add(`camera ${camera.id} is named twice: expected every id once`);
    }
    const fault = sourceFault(camera.source);
    if (fault !== undefined) faults.add(`camera ${camera.id}: ${fault}`);
    found.push({ camera, origin });
  }
  if (found.length > Limits.MAX_CAMERAS) {
    faults.add(`${found.length} cameras are too many: expected at most ${Limits.MAX_CAMERAS}`);
  }
  return found;
}

/** The cameras as flags or the variable have them; neither: no origin. */
function listed({ flags, environment }: ConfigInput): {
  readonly texts: readonly string[];
  readonly origin?: Extract<Origin, { readonly name: string }>;
} {
  const flagged = flags["camera"];
  if (Array.isArray(flagged) && flagged.length > 0) {
    return { texts: flagged as string[], origin: { kind: "option", name: "--camera" } };
  }
  const lines = (environment["HELLO_CAMERA"] ?? "").split("\n").map((line) => line.trim());
  const texts = lines.filter((line) => line !== "");
  return texts.length === 0 ? { texts } : { texts, origin: { kind: "variable", name: "HELLO_CAMERA" } };
}
