import type { Bus } from "../bus/index.ts";
import type { CameraInfo } from "../protocol/index.ts";
import type { Family } from "../server/metrics/family.ts";
import { hubMetrics } from "../server/metrics/hub-metrics.ts";
import { CameraChoice } from "./camera-choice.ts";
import { openBus } from "./open-bus.ts";
import type { Program } from "./program.ts";
import { Recorders } from "./recorders.ts";
import { Restarts } from "./restarts.ts";
import { serve, serveByWorkers } from "./serve.ts";

/**
 * `up`: everything. Mapper and server in this process, each recorder in one of its own; with several workers, each of
 * them too.
 */
export async function up(program: Program): Promise<void> {
  const { config, log, signal, environment } = program;
  const { bus, mapper, expect, forget, stop } = await openBus(program, "up");
  const restarts = new Restarts();
  const families = (): readonly Family[] => [
    ...(config.mapper === undefined ? hubMetrics(bus, "mapper") : []),
    ...restarts.families(),
  ];
  const server = await (config.workers > 1
    ? serveByWorkers(mapper, program, { restarts, families })
    : serve(bus, program, { families }));
  const { engine, logLevel, logFormat } = config;
  const recorders = new Recorders({
    mapper,
    engine,
    log,
    logLevel,
    logFormat,
    environment,
    restarts,
    expect,
    forget,
  });
  announce(bus, recorders, program.say);
  using _cameras = await CameraChoice.start(program, recorders);
  program.reload.follow();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.all([server.stopped, recorders.stopAll()]);
  // After the recorders: one that loses its mapper would only complain.
  await stop();
}

/** Say once of each camera what it gives, when it first is live. */
function announce(bus: Bus, recorders: Recorders, say: (line: string) => void): void {
  const said = new Set<string>();
  bus.follow((id, camera) => {
    if (camera === undefined) said.delete(id);
    if (camera?.state !== "live" || said.has(id) || !recorders.has(id)) return;
    said.add(id);
    say(describe(camera));
  });
}

/** A live camera in one line. */
export function describe(camera: CameraInfo): string {
  const track = camera.tracks[0];
  const name = camera.name === camera.id ? camera.source : `${camera.name} (${camera.source})`;
  const size = track?.width === undefined ? "" : `, ${track.width}x${track.height}`;
  const rate = track?.rate === undefined ? "" : ` at ${Math.round(track.rate * 100) / 100}/s`;
  return `${camera.id}: ${name}${size}${rate}`;
}
