import { CAMERA_KEYS } from "./config/reload.ts";
import type { Config } from "./config.ts";
import { DeviceWatch } from "./device-watch.ts";
import { findDevices } from "./find-devices.ts";
import { recordOnly } from "./named-cameras.ts";
import { PluggedCameras } from "./plugged-cameras.ts";
import type { Program } from "./program.ts";
import type { Recorders } from "./recorders.ts";

/** What is recorded: the cameras that the user named, or every one that is plugged in. It changes with the config file. */
export class CameraChoice implements Disposable {
  readonly #program: Program;
  readonly #recorders: Recorders;
  /** While the user names none. */
  #plugged: Disposable | undefined;

  private constructor(program: Program, recorders: Recorders) {
    this.#program = program;
    this.#recorders = recorders;
  }

  /** Record what is wanted, now and after each change. */
  static async start(program: Program, recorders: Recorders): Promise<CameraChoice> {
    const choice = new CameraChoice(program, recorders);
    program.reload.on(CAMERA_KEYS, (config) => choice.#take(config));
    await choice.#take(program.config);
    return choice;
  }

  /** Look for no more; what is recorded goes on. */
  [Symbol.dispose](): void {
    this.#plugged?.[Symbol.dispose]();
    this.#plugged = undefined;
  }

  async #take(config: Config): Promise<void> {
    const { log, signal } = this.#program;
    this[Symbol.dispose]();
    if (signal.aborted) return;
    await recordOnly(config.cameras, this.#recorders, log);
    if (config.cameras.length === 0) this.#plugged = await this.#watch(config);
  }

  /** Record every camera that is plugged in, now and later. */
  async #watch({ settings }: Config): Promise<Disposable> {
    const program = this.#program;
    let isOver = false;
    const cameras = new PluggedCameras({
      find: () => findDevices(program),
      start: (camera) => {
        if (!program.signal.aborted && !isOver) this.#recorders.start(camera);
      },
      stop: (id) => {
        if (!isOver) void this.#recorders.stop(id);
      },
      settings,
    });
    // What changes while the first look is taken is seen by the second.
    const watch = new DeviceWatch(() => cameras.look());
    await cameras.look();
    return {
      [Symbol.dispose]: () => {
        isOver = true;
        watch[Symbol.dispose]();
      },
    };
  }
}
