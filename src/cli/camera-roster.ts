import { createHash } from "node:crypto";
import type { CameraSettings, CameraSpec, Device } from "./camera-spec.ts";

/** Characters of an id that are made from a name; the rest is for telling namesakes apart. */
const MAX_NAME_CHARACTERS = 48;

/** Hex digits that tell namesakes apart. */
const SUFFIX_DIGITS = 4;

/**
 * Which camera each device is. A device that was seen before is the camera that it was, whatever number it has now; the
 * sources of `cameras` say who is who.
 */
export class CameraRoster {
  readonly #settings: CameraSettings;
  readonly #known = new Map<string, CameraSpec>();

  /** `settings` are those of every camera. */
  constructor(settings: CameraSettings) {
    this.#settings = settings;
  }

  /** The cameras among `devices` that were never seen before. */
  admit(devices: readonly Device[]): CameraSpec[] {
    const present = new Set(devices.map(({ source }) => source));
    const moved = new Set<string>();
    const fresh = devices.filter(({ source }) => {
      if (this.#known.has(source)) return false;
      // The same serial at another port: the camera was moved, unless it still is where it was and this is its twin.
      const old = [...this.#known.keys()].find(
        (known) => withoutPort(known) === withoutPort(source) && !present.has(known) && !moved.has(known),
      );
      if (old !== undefined) moved.add(old);
      return old === undefined;
    });
    const names = fresh.map(({ name }) => idOf(name));
    const taken = new Set([...this.#known.values()].map(({ id }) => id));
    return fresh.map(({ name, source }) => {
      const plain = idOf(name);
      // Namesakes are told apart by what they are, so that the order in which they are found changes nothing.
      const alone = !taken.has(plain) && names.filter((other) => other === plain).length === 1;
      const camera = { ...this.#settings, id: alone ? plain : `${plain}-${digits(source)}`, name, source };
      this.#known.set(source, camera);
      return camera;
    });
  }
}

/** A camera's id from its name: `HD Pro Webcam C920` is `hd-pro-webcam-c920`. */
export function idOf(name: string): string {
  const words = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{Mark}/gu, "")
    .replace(/[^a-z0-9]+/g, "-");
  return words.slice(0, MAX_NAME_CHARACTERS).replace(/^-+|-+$/g, "") || "camera";
}

function withoutPort(source: string): string {
  const at = source.startsWith("usb:") ? source.lastIndexOf("@") : -1;
  return at === -1 ? source : source.slice(0, at);
}

function digits(source: string): string {
  return createHash("sha256").update(source).digest("hex").slice(0, SUFFIX_DIGITS);
}
