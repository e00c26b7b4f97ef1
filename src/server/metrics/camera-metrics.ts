import type { Bus } from "../../bus/index.ts";
import { type CameraInfo, type CameraState, hasFailed } from "../../protocol/index.ts";
import { counter, type Family, gauge, type Kind, type Sample } from "./family.ts";

const STATES: readonly CameraState[] = ["closed", "opening", "live", "stalled", "gone"];

const INFO: Kind = gauge("camera_info", "1, with what a camera is called.");
const STATE: Kind = gauge("camera_state", "1 for the state that a camera is in, 0 for each other.");
const SINCE: Kind = gauge("camera_state_since_timestamp_seconds", "When a camera came into its state.");
const LAST: Kind = gauge(
  "camera_last_frame_timestamp_seconds",
  "When the newest picture of a camera was captured.",
);
const ATTEMPTS: Kind = gauge("camera_attempts", "How often a camera was tried in vain since it was well.");
const FAILURES: Kind = {
  ...counter("camera_failures", "How often a camera went from well to failed."),
  // Each process sees the same, since its own start.
  aggregator: "max",
};

/** What the directory says of cameras, and how often each has failed since this was made. */
export class CameraMetrics implements Disposable {
  readonly #bus: Bus;
  readonly #failures = new Map<string, number>();
  readonly #failed = new Map<string, boolean>();
  readonly #unfollow: () => void;

  constructor(bus: Bus) {
    this.#bus = bus;
    for (const camera of bus.cameras()) this.#failed.set(camera.id, hasFailed(camera));
    this.#unfollow = bus.follow((id, camera) => this.#changed(id, camera));
  }

  /** All that is known now. */
  families(): readonly Family[] {
    const cameras = this.#bus.cameras();
    const each = (value: (camera: CameraInfo) => number | undefined): Sample[] =>
      cameras.flatMap((camera) => {
        const known = value(camera);
        return known === undefined ? [] : [{ labels: { camera: camera.id }, value: known }];
      });
    return [
      { ...INFO, values: cameras.map(({ id, name }) => ({ labels: { camera: id, name }, value: 1 })) },
      {
        ...STATE,
        values: cameras.flatMap(({ id, state }) =>
          STATES.map((one) => ({ labels: { camera: id, state: one }, value: one === state ? 1 : 0 })),
        ),
      },
      { ...SINCE, values: each(({ since }) => since / 1e6) },
      { ...LAST, values: each((camera) => this.#lastFrame(camera)) },
      { ...ATTEMPTS, values: each(({ attempts }) => attempts ?? 0) },
      { ...FAILURES, values: each(({ id }) => this.#failures.get(id) ?? 0) },
    ];
  }

  /** Follow no more. */
  [Symbol.dispose](): void {
    this.#unfollow();
  }

  #changed(id: string, camera: CameraInfo | undefined): void {
    if (camera === undefined) {
      this.#failed.delete(id);
      this.#failures.delete(id);
      return;
    }
    const failed = hasFailed(camera);
    if (failed && this.#failed.get(id) !== true) this.#failures.set(id, (this.#failures.get(id) ?? 0) + 1);
    this.#failed.set(id, failed);
  }

  #lastFrame({ id, lastFrameAt }: CameraInfo): number | undefined {
    const newest = this.#bus.figures(id).map((track) => track.newest?.capturedAt ?? 0);
    const at = Math.max(lastFrameAt ?? 0, ...newest);
    return at === 0 ? undefined : at / 1e6;
  }
}
