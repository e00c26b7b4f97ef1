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
  readonly #children = new Map<string, Child>();

  constructor(parts: RecordersParts) {
    this.#parts = parts;
  }

  /** Record `camera`, for ever: a recorder that ends is started again. */
  start(camera: CameraSpec): void {
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
    this.#children.set(camera.id, child);
  }

  /** Whether a camera is recorded here. */
  has(id: string): boolean {
    return this.#children.has(id);
  }

  /** Record a camera no longer, and forget it. */
  async stop(id: string): Promise<void> {
    const child = this.#children.get(id);
    this.#children.delete(id);
    await child?.stop();
    this.#parts.restarts.forget(id);
    this.#parts.forget(id);
  }

  /** Stop all of them; their cameras stay listed. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.stop()));
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
