import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { Address } from "../bus/index.ts";
import { type CameraInfo, now } from "../protocol/index.ts";
import type { EngineChoice } from "../recorder/engine/load-engine.ts";
import { redact } from "../recorder/redact.ts";
import type { CameraSpec } from "./camera-spec.ts";
import { Child } from "./child.ts";
import type { LogFormat } from "./log.ts";
import { withoutOptions } from "./program.ts";
import { ORDERS_VARIABLE, type RecorderOrders } from "./recorder-orders.ts";
import type { Restarts } from "./restarts.ts";

/** The program of a recorder's process. */
const RECORDER_FILE = fileURLToPath(new URL("./recorder-main.js", import.meta.url));

/** What recorders need, and where it is said how their cameras are while none is there. */
export interface RecordersParts {
  readonly mapper: Address;
  readonly engine: Pick<EngineChoice, "name" | "command">;
  readonly log: Logger;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
  readonly environment: NodeJS.ProcessEnv;
  /** How often each was started. */
  readonly restarts: Restarts;
  /** List a camera whose recorder is not there. */
  readonly expect: (camera: CameraInfo) => void;
  /** A camera is listed no longer. */
  readonly forget: (id: string) => void;
}

/** One recorder process for each camera, so that a camera that brings its recorder down disturbs no other. */
export class Recorders {
  readonly #parts: RecordersParts;
  readonly #running = new Map<string, { readonly camera: CameraSpec; readonly child: Child }>();

  #isOver = false;

  constructor(parts: RecordersParts) {
    this.#parts = parts;
  }

  /** Record `camera`, for ever: a recorder that ends is started again. */
  start(camera: CameraSpec): void {
    if (this.#isOver) return;
    const { mapper, engine, log, logLevel, logFormat, environment, restarts, expect } = this.#parts;
    // Before the recorder is there, and in the user's order: the first is the one of the simple protocol.
    expect(expected(camera, { state: "opening" }));
    const orders: RecorderOrders = { camera, mapper, engine, logLevel, logFormat };
    const child = new Child({
      file: RECORDER_FILE,
      environment: { ...withoutOptions(environment), [ORDERS_VARIABLE]: JSON.stringify(orders) },
      started: () => restarts.recorder(camera.id),
      ended: (how) => {
        const reason = `its recorder has ended (${how})`;
        log.warn(`${camera.id}: ${reason}; it is started again`);
        expect(expected(camera, { state: "gone", reason }));
      },
    });
    this.#running.set(camera.id, { camera, child });
  }

  /** Whether a camera is recorded here. */
  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** The cameras that are recorded here, as they are wanted. */
  cameras(): readonly CameraSpec[] {
    return [...this.#running.values()].map(({ camera }) => camera);
  }

  /** Record a camera otherwise: another recorder takes the place of its own. It stays listed. */
  async replace(camera: CameraSpec): Promise<void> {
    const { id } = camera;
    const old = this.#running.get(id);
    await old?.child.stop();
    this.#parts.restarts.forget(id);
    // Unless it was stopped, or replaced, meanwhile.
    if (this.#running.get(id) === old) this.start(camera);
  }

  /** Record a camera no longer, and forget it. */
  async stop(id: string): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    await running?.child.stop();
    // It may have been named again meanwhile.
    if (this.#running.has(id)) return;
    this.#parts.restarts.forget(id);
    this.#parts.forget(id);
  }

  /** Stop all of them, for good; their cameras stay listed. */
  async stopAll(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#running.values()].map(({ child }) => child.stop()));
  }
}

/** A camera as it stands in the directory while its recorder is not there. */
function expected(camera: CameraSpec, state: Pick<CameraInfo, "state" | "reason">): CameraInfo {
  return {
    id: camera.id,
    name: camera.name,
    source: redact(camera.source),
    since: now(),
    tracks: [],
    ...state,
  };
}
