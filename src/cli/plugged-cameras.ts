import { CameraRoster } from "./camera-roster.ts";
import type { CameraSettings, CameraSpec, Device } from "./camera-spec.ts";

/** What to show while there never was a camera. */
const TEST_PICTURE = { id: "test", name: "Test picture", source: "test:" } as const;

/** How {@link PluggedCameras} learns of devices, and who records them. */
export interface PluggedCamerasParts {
  /** The devices that are plugged in; `undefined` if they could not be listed. */
  readonly find: () => Promise<readonly Device[] | undefined>;
  readonly start: (camera: CameraSpec) => void;
  readonly stop: (id: string) => void;
  readonly settings: CameraSettings;
}

/**
 * The cameras of somebody who named none: every device that is plugged in, and those that come later. One that is unplugged
 * stays: its recorder says that it is gone and finds it again. With none at all there is the test picture, which
 * makes room for the first camera and does not come back: a camera that is gone says more than a picture that is none.
 */
export class PluggedCameras {
  readonly #parts: PluggedCamerasParts;
  readonly #roster: CameraRoster;
  #testing = false;
  #seen = false;
  #looking: Promise<boolean> = Promise.resolve(true);

  constructor(parts: PluggedCamerasParts) {
    this.#parts = parts;
    this.#roster = new CameraRoster(parts.settings);
  }

  /** Take what is plugged in now. Whether it could be told. */
  look(): Promise<boolean> {
    // One after the other: two lists at once would both hold the same new camera.
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<boolean> {
    const { find, start, stop, settings } = this.#parts;
    const devices = await find();
    for (const camera of this.#roster.admit(devices ?? [])) {
      this.#seen = true;
      start(camera);
    }
    if (this.#seen && this.#testing) {
      this.#testing = false;
      stop(TEST_PICTURE.id);
    } else if (!this.#seen && !this.#testing) {
      this.#testing = true;
      start({ ...settings, ...TEST_PICTURE });
    }
    return devices !== undefined;
  }
}
