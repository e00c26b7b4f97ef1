import { isCameraId } from "../protocol/index.ts";
import type { EncoderName } from "../recorder/encoder-name.ts";
import { CAMERA_OPTIONS, type Option, type Size } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** A camera as the user wants it. */
export interface CameraSpec {
  readonly id: string;
  /** For people; the id where none is given. */
  readonly name: string;
  /** Where its frames come from, as the user wrote it. May hold a password: never print it. */
  readonly source: string;
  readonly size?: Size | undefined;
  readonly rate?: number | undefined;
  readonly format?: string | undefined;
  readonly quality?: number | undefined;
  readonly encoder?: EncoderName | "auto" | undefined;
  readonly frozen?: number | undefined;
  readonly warmup?: number | undefined;
  readonly always?: boolean | undefined;
}

/** The part of a {@link CameraSpec} that may also be said for all cameras. */
export type CameraSettings = Pick<CameraSpec, keyof typeof CAMERA_OPTIONS>;

/**
 * Read a camera as a flag or variable has it: `ID=SOURCE`, with settings behind a `#` that no source needs:
 * `front=/dev/video0#size=640x480&rate=15`.
 * @throws UsageError
 */
export function parseCamera(text: string, where: string): CameraSpec {
  const equals = text.indexOf("=");
  const id = text.slice(0, Math.max(0, equals));
  if (!isCameraId(id)) {
    // What stands before "=" may be the start of an address with a password, so it is not repeated.
    throw new UsageError(
      `${where}: expected ID=SOURCE, such as front=/dev/video0, with an ID of up to 63 small letters, digits and "-"`,
    );
  }
  const hash = text.lastIndexOf("#");
  const settings = hash === -1 ? undefined : text.slice(hash + 1);
  const source = text.slice(equals + 1, hash === -1 ? undefined : hash);
  if (source === "") throw new UsageError(`${where}: camera ${id} has no source: expected ID=SOURCE`);
  return {
    id,
    name: id,
    source,
    ...(settings === undefined ? {} : parseSettings(settings, `${where}: ${id}`)),
  };
}

/** As much of a device as is needed to choose it. */
export interface Device {
  /** Its source, as a user would write it. */
  readonly source: string;
  readonly name: string;
}

/** The camera to take when the user named none: the first that is plugged in, else the test picture. */
export function firstCamera(devices: readonly Device[], settings: CameraSettings): CameraSpec {
  const [first] = devices;
  return first === undefined
    ? { ...settings, id: "test", name: "Test picture", source: "test:" }
    : { ...settings, id: "camera", name: first.name, source: first.source };
}

/**
 * Read the settings of a camera, from a query or from an object of the config file.
 * @throws UsageError that names the key, the value and what was expected
 */
export function readSettings(fields: ReadonlyMap<string, unknown>, where: string): CameraSettings {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of fields) {
    if (!Object.hasOwn(CAMERA_OPTIONS, key)) {
      throw new UsageError(
        `${where}: unknown key "${key}": expected ${Object.keys(CAMERA_OPTIONS).join(", ")}`,
      );
    }
    const option: Option<unknown> = CAMERA_OPTIONS[key as keyof typeof CAMERA_OPTIONS];
    settings[key] = readOption(option, value, `${where}: ${key}`);
  }
  return settings;
}

/**
 * Read one value of an option.
 * @throws UsageError that names the place, the value and what was expected
 */
export function readOption<T>(option: Option<T>, value: unknown, where: string): T {
  const result = option.schema.safeParse(value);
  if (result.success) return result.data;
  const { secret = false } = option;
  const isSecret = typeof secret === "function" ? secret(value) : secret;
  const shown = isSecret ? "the value" : JSON.stringify(value);
  throw new UsageError(`${where}: ${shown} is not right: expected ${option.expected}`);
}

function parseSettings(query: string, where: string): CameraSettings & { name?: string } {
  const fields = new Map<string, unknown>(new URLSearchParams(query));
  const name = fields.get("name");
  fields.delete("name");
  const settings = readSettings(fields, where);
  return typeof name === "string" && name !== "" ? { ...settings, name } : settings;
}
