import { fileURLToPath } from "node:url";
import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import { type CameraControl, type CameraInfo, type Micros, now } from "../../src/protocol/index.ts";
import { Adjustments } from "../../src/recorder/adjustments.ts";
import type { SourceControls } from "../../src/recorder/frame-source.ts";
import { Placeholders } from "../../src/server/placeholder/placeholders.ts";
import { type RunningServer, run } from "../../src/server/server.ts";

const PAGE = fileURLToPath(new URL("../../dist/page", import.meta.url));
const FRAME_EVERY_MS = 100;

const CAMERA: CameraInfo = {
  id: "front",
  name: "Front door",
  source: "test:",
  state: "live",
  since: 1_700_000_000_000_000 as Micros,
  tracks: [{ name: "jpeg", codec: "jpeg", width: 640, height: 360, rate: 10 }],
};

/** What a webcam has, as `v4l2-ctl` would tell it. */
export const WEBCAM_CONTROLS: readonly CameraControl[] = [
  { name: "brightness", kind: "range", min: 0, max: 255, step: 1, default: 128, value: 128 },
  { name: "contrast", kind: "range", min: 0, max: 100, step: 5, default: 50, value: 65 },
  { name: "white_balance_automatic", kind: "switch", min: 0, max: 1, step: 1, default: 1, value: 1 },
  {
    name: "power_line_frequency",
    kind: "menu",
    min: 0,
    max: 2,
    step: 1,
    default: 1,
    value: 1,
    choices: [
      { value: 0, label: "Disabled" },
      { value: 1, label: "50 Hz" },
      { value: 2, label: "60 Hz" },
    ],
  },
  {
    name: "auto_exposure",
    kind: "menu",
    min: 0,
    max: 3,
    step: 1,
    default: 3,
    value: 3,
    choices: [
      { value: 1, label: "Manual Mode" },
      { value: 3, label: "Aperture Priority Mode" },
    ],
  },
  {
    name: "exposure_time_absolute",
    kind: "range",
    min: 3,
    max: 2047,
    step: 1,
    default: 250,
    value: 250,
    inactive: true,
  },
  { name: "zoom_absolute", kind: "range", min: 100, max: 500, step: 10, default: 100, value: 100 },
  { name: "reset_pan_tilt", kind: "button", min: 1, max: 1, step: 1, default: 0, value: 0 },
];

/** The controls of a camera that keeps what it is told, and answers only as fast as a test lets it. */
export class SimulatedControls implements SourceControls {
  /** What was set, in its order. */
  readonly writes: Readonly<Record<string, number>>[] = [];
  /** Called before each write. */
  hold: () => Promise<void> = () => Promise.resolve();
  /** How many writes were under way at once, at most. */
  most = 0;
  #under = 0;
  #controls: readonly CameraControl[];

  constructor(controls: readonly CameraControl[]) {
    this.#controls = controls;
  }

  /** Another camera is plugged in. */
  replace(controls: readonly CameraControl[]): void {
    this.#controls = controls;
  }

  read(): Promise<readonly CameraControl[]> {
    return Promise.resolve(this.#controls);
  }

  async write(values: ReadonlyMap<string, number>): Promise<void> {
    this.most = Math.max(this.most, ++this.#under);
    await this.hold();
    this.#under--;
    this.writes.push(Object.fromEntries(values));
    this.#controls = this.#controls.map((control) => {
      const value = values.get(control.name) ?? control.value;
      return control.kind === "button" ? control : { ...control, value };
    });
    // Automatic exposure decides over its time, as in any webcam.
    const automatic = this.#controls.find(({ name }) => name === "auto_exposure")?.value === 3;
    this.#controls = this.#controls.map((control) =>
      control.name === "exposure_time_absolute" ? { ...control, inactive: automatic } : control,
    );
  }
}

/** A server with the page and one camera, which has controls and gives a picture ten times a second. */
export class AdjustableCamera implements AsyncDisposable {
  /** `undefined`: it has none. */
  readonly controls: SimulatedControls | undefined;
  readonly #bus = new MemoryBus();
  readonly #controller = new AbortController();
  #publication: Publication;
  #running: RunningServer | undefined;
  #plugged = true;
  #sequence = 0;
  #timer: NodeJS.Timeout;

  private constructor(controls: readonly CameraControl[] | undefined) {
    this.controls = controls && new SimulatedControls(controls);
    this.#publication = this.#publish();
    const pictures = new Placeholders(this.#bus);
    const payload = pictures.jpeg({ ...CAMERA, state: "gone", reason: "no camera, but its picture" });
    this.#timer = setInterval(() => {
      if (!this.#plugged) return;
      this.#publication.publish("jpeg", {
        sequence: this.#sequence++,
        capturedAt: now(),
        keyframe: true,
        discardable: false,
        layer: 0,
        payload,
      });
    }, FRAME_EVERY_MS);
  }

  /** `controls`: `none` for a camera that has none; default: those of a webcam. */
  static async start(
    options: { readonly controls?: readonly CameraControl[] | "none"; readonly token?: string } = {},
  ): Promise<AdjustableCamera> {
    const { controls = WEBCAM_CONTROLS, token } = options;
    const camera = new AdjustableCamera(controls === "none" ? undefined : controls);
    const { signal } = camera.#controller;
    camera.#running = await run({
      bus: camera.#bus,
      host: "127.0.0.1",
      port: 0,
      token,
      pageDirectory: PAGE,
      signal,
    });
    return camera;
  }

  get port(): number {
    return this.#running?.port ?? 0;
  }

  /** Of the page. */
  get address(): string {
    return `http://127.0.0.1:${this.#running?.port}/`;
  }

  /** Pull it out. */
  unplug(): void {
    this.#plugged = false;
    this.#publication.update({ ...CAMERA, state: "gone", since: now(), reason: "the camera was unplugged" });
  }

  /** Put it back. */
  plug(): void {
    this.#plugged = true;
    this.#publication.update(CAMERA);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#controller.abort();
    await this.#running?.stopped;
  }

  #publish(): Publication {
    const adjustments = this.controls && new Adjustments(this.controls);
    return this.#bus.publish(CAMERA, {
      demand: () => {},
      keyframe: () => {},
      refused: () => {},
      adjust: adjustments && ((set) => adjustments.adjust(set)),
    });
  }
}
