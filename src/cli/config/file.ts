import { isCameraId, Limits } from "../../protocol/index.ts";
import { SourceError } from "../../recorder/frame-source.ts";
import { checkOptions, parseSource } from "../../recorder/source.ts";
import type { User } from "../../server/access/user.ts";
import type { CameraSettings, CameraSpec } from "../camera-spec.ts";
import { CAMERA_OPTIONS, OPTIONS, type Option } from "../options.ts";
import { readUsers } from "../users.ts";
import type { Faults, Place } from "./faults.ts";
import { knownKeys } from "./keys.ts";
import { shown } from "./shown.ts";
import { type Entry, readYaml } from "./yaml-file.ts";

/** Something of the file, and where it stands there. */
export interface Placed<T> {
  readonly value: T;
  readonly place: Place;
}

/** A value as it was written, and where. */
export interface Written {
  readonly written: unknown;
  readonly place: Place;
}

/** A camera of the file. */
export interface FileCamera extends Placed<CameraSpec> {
  /** What is said of this camera alone, by key; not its source. */
  readonly fields: ReadonlyMap<string, Written>;
}

/** What a config file says, checked. */
export interface ConfigFile {
  readonly path: string;
  /** Nothing at all stands in it. */
  readonly isBlank: boolean;
  /** By key; as it was written, and as it is understood. */
  readonly settings: ReadonlyMap<string, Placed<unknown> & Written>;
  /** `undefined`: it says nothing of cameras. */
  readonly cameras: readonly FileCamera[] | undefined;
  readonly users: readonly Placed<User>[];
}

/** Every option, by its key in the file. */
export const OPTIONS_BY_KEY: ReadonlyMap<string, Option<unknown>> = new Map(
  [...Object.values(OPTIONS), ...Object.values(CAMERA_OPTIONS)].map((option) => [option.key, option]),
);

/** Keys of a camera beside its settings. */
const CAMERA_KEYS = ["source", "name"];

/** Read a config file. What is wrong in it goes to `faults`. @throws UsageError if it cannot be read at all */
export async function readConfigFile(path: string, faults: Faults): Promise<ConfigFile> {
  const entries = (await readYaml(path, faults)) ?? [];
  const known = knownKeys(entries, ["cameras", "users", ...OPTIONS_BY_KEY.keys()], [], faults);
  const settings = new Map<string, Placed<unknown> & Written>();
  for (const [key, option] of OPTIONS_BY_KEY) {
    const entry = known.get(key);
    if (entry === undefined) continue;
    const value = readValue(entry, option, [], faults);
    if (value !== undefined) settings.set(key, { value, written: entry.value, place: entry.place });
  }
  const cameras = known.get("cameras");
  const users = known.get("users");
  return {
    path,
    isBlank: entries.length === 0,
    settings,
    cameras: cameras === undefined ? undefined : readCameras(cameras, faults),
    users: users === undefined ? [] : readUsers(users, faults),
  };
}

/** One value of an option; `undefined` if it is not right, and that is said. */
function readValue(entry: Entry, option: Option<unknown>, path: readonly string[], faults: Faults): unknown {
  const read = option.schema.safeParse(entry.value);
  if (read.success) return read.data;
  const { secret = false } = option;
  const isSecret = typeof secret === "function" ? secret(entry.value) : secret;
  const sentence = `${shown(entry.value, isSecret)} is not right: expected ${option.expected}`;
  faults.add(sentence, entry.valuePlace, [...path, entry.key].join("."));
  return undefined;
}

function readCameras({ entries, valuePlace }: Entry, faults: Faults): readonly FileCamera[] {
  if (entries === undefined) {
    faults.add("expected a mapping from id to camera", valuePlace, "cameras");
    return [];
  }
  if (entries.length > Limits.MAX_CAMERAS) {
    const sentence = `${entries.length} cameras are too many: expected at most ${Limits.MAX_CAMERAS}`;
    faults.add(sentence, valuePlace, "cameras");
    return [];
  }
  return entries.flatMap((entry) => readCamera(entry, faults) ?? []);
}

function readCamera(entry: Entry, faults: Faults): FileCamera | undefined {
  const { key: id, place } = entry;
  const path = ["cameras", id];
  if (!isCameraId(id)) {
    faults.add('expected an id of up to 63 small letters, digits and "-"', place, path.join("."));
    return undefined;
  }
  const keys = [...CAMERA_KEYS, ...Object.keys(CAMERA_OPTIONS)];
  const fields = knownKeys(entry.entries ?? [], keys, path, faults);
  const settings: Record<string, unknown> = {};
  for (const option of Object.values(CAMERA_OPTIONS)) {
    const field = fields.get(option.key);
    if (field !== undefined) settings[option.key] = readValue(field, option, path, faults);
  }
  const source = readSource(entry, fields.get("source"), faults);
  const name = readName(id, fields.get("name"), faults);
  if (source === undefined || name === undefined) return undefined;
  const own = [...fields].filter(([key]) => key !== "source");
  return {
    value: { id, name, source, ...(settings as CameraSettings) },
    place,
    fields: new Map(own.map(([key, field]) => [key, { written: field.value, place: field.place }])),
  };
}

function readName(id: string, field: Entry | undefined, faults: Faults): string | undefined {
  if (field === undefined) return id;
  const { value } = field;
  if (typeof value === "string" && value !== "" && value.length <= Limits.MAX_TEXT_CHARACTERS) return value;
  const sentence = `${shown(value)} is not right: expected text of at most ${Limits.MAX_TEXT_CHARACTERS} characters`;
  faults.add(sentence, field.valuePlace, `cameras.${id}.name`);
  return undefined;
}

/** The source of a camera, which stands behind its id or behind the key `source`. */
function readSource(camera: Entry, field: Entry | undefined, faults: Faults): string | undefined {
  const key = `cameras.${camera.key}${field === undefined ? "" : ".source"}`;
  const { value, valuePlace } = field ?? camera;
  if (typeof value !== "string" || value === "") {
    faults.add(
      "expected a source, such as /dev/video0",
      field === undefined ? camera.place : valuePlace,
      key,
    );
    return undefined;
  }
  const sentence = sourceFault(value);
  if (sentence === undefined) return value;
  faults.add(sentence, valuePlace, key);
  return undefined;
}

/** Why a source can never be opened; `undefined` if it can, as far as that is known without opening it. */
export function sourceFault(source: string): string | undefined {
  return fault(() => parseSource(source));
}

/** What no source can do of what is wanted of a camera; `undefined` if there is nothing. */
export function settingsFault(settings: CameraSettings): string | undefined {
  return fault(() => checkOptions(settings));
}

function fault(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof SourceError) return error.message;
    throw error;
  }
}
