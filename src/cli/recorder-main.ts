import { beat } from "./heartbeat.ts";
import { openLog } from "./log.ts";
import { record } from "./record.ts";
import { GIVING_UP, ORDERS_VARIABLE, RESTART_STATUS, type RecorderOrders } from "./recorder-orders.ts";
import { stopSignal } from "./stop-signal.ts";

// The whole program of a recorder that `up` starts, with orders that `up` has checked; a person starts
// `hello-websocket recorder`. It loads nothing of the command line: a small heap is quickly collected, and a
// collection is what makes a picture late.
const { camera, mapper, engine, logLevel, logFormat } = JSON.parse(
  process.env[ORDERS_VARIABLE] ?? "",
) as RecorderOrders;
beat();
const log = await openLog({ level: logLevel, format: logFormat, process: `recorder-${camera.id}` });
const end = await record(camera, mapper, { engine, log, signal: stopSignal(), restarts: true }).catch(
  (error: unknown) => {
    // Whoever started it starts it again; what happened must not be lost meanwhile.
    log.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
// A driver that hangs may keep this process from ending, so the one that started it is told.
if (end === "hopeless") await new Promise((resolve) => process.send?.(GIVING_UP, resolve));
process.exit(end === "hopeless" ? RESTART_STATUS : 0);
