import type { Address } from "../bus/index.ts";
import type { EngineChoice } from "../recorder/engine/load-engine.ts";
import type { CameraSpec } from "./camera-spec.ts";
import type { LogFormat } from "./log.ts";

/**
 * Environment variable that holds the orders of a recorder's process, as JSON. Not in the arguments: any user may list
 * those, and a source may hold a password.
 */
export const ORDERS_VARIABLE = "HELLO_RECORDER_ORDERS";

/** What a recorder says when it ends because only a new process can help, and has told its reason itself. */
export const GIVING_UP = "giving up";

/** Exit status of a recorder that ends because only a new process can help its camera: "try again" (sysexits.h). */
export const RESTART_STATUS = 75;

/** What a recorder's process is told by the one that starts it. */
export interface RecorderOrders {
  readonly camera: CameraSpec;
  readonly mapper: Address;
  readonly engine: Pick<EngineChoice, "name" | "command">;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
}
