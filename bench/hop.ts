/** What does the hop over NATS cost, beside the local socket, in the same run? */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCluster, startNats } from "../test/support/nats-server.ts";
import { cpuSeconds } from "./process-tree.ts";
import { ms, save, table } from "./report.ts";
import { pause, quantile, Stage, until } from "./stage.ts";

const RATE = 30;

/** Seconds before it counts. */
const WARM_UP_SECONDS = 3;

const LOADS = [
  { bytes: 100_000, rate: RATE, track: "jpeg" },
  { bytes: 5_000, rate: RATE, track: "h264" },
  { bytes: 3_000_000, rate: 5, track: "jpeg" },
] as const;

interface Hop {
  readonly framesPerSecond: number;
  readonly ageMs: { readonly p50: number; readonly p99: number };
  /** CPU per frame, in µs. */
  readonly micros: { readonly publisher: number; readonly hub: number; readonly server: number };
}

/** Publisher, hub and server with one viewer, over the socket and over NATS. */
export async function hop(options: { readonly seconds: number }): Promise<string> {
  const rows: string[][] = [];
  const figures: unknown[] = [];
  for (const load of LOADS) {
    for (const carrier of ["socket", "nats", "cluster"] as const) {
      const measured = await measure(carrier, load, options.seconds);
      figures.push({ ...load, carrier, ...measured });
      const { micros, ageMs, framesPerSecond } = measured;
      rows.push([
        `${load.bytes / 1000} kB ${load.track}`,
        carrier,
        framesPerSecond.toFixed(1),
        `${ageMs.p50.toFixed(1)} / ${ms(ageMs.p99)}`,
        ...[micros.publisher, micros.hub, micros.server].map((value) => `${Math.round(value)} µs`),
      ]);
    }
  }
  save("hop", figures);
  const columns = [
    "frame",
    "carrier",
    "frames/s",
    "age p50 / p99",
    "CPU per frame: publisher",
    "hub",
    "server",
  ];
  return table("One camera, one hop, one viewer", columns, rows);
}

async function measure(
  carrier: "socket" | "nats" | "cluster",
  load: (typeof LOADS)[number],
  seconds: number,
): Promise<Hop> {
  await using stage = new Stage();
  const { hubs, near, far } = await meetingPlace(stage, carrier);
  const server = await stage.start(far, ["server", "--port", "0"]);
  const publisher = stage.publish(near, load.bytes, load.rate, load.track);
  const watcher = stage.watch([await server.port()], "bench", load.track);
  await until("the first frame", () => watcher.sees);
  await pause(1000 * WARM_UP_SECONDS);
  const meters = (): number[] => [
    cpuSeconds(publisher.pid),
    sum(hubs.map((pid) => cpuSeconds(pid))),
    cpuSeconds(server.pid),
  ];
  watcher.reset();
  const before = meters();
  await pause(1000 * seconds);
  const after = meters();
  const ages = [...watcher.agesMs];
  const [published = 0, carried = 0, served = 0] = after.map(
    (value, index) => (1e6 * (value - (before[index] ?? 0))) / ages.length,
  );
  return {
    framesPerSecond: ages.length / seconds,
    ageMs: { p50: quantile(ages, 0.5), p99: quantile(ages, 0.99) },
    micros: { publisher: published, hub: carried, server: served },
  };
}

/** Where they meet: the hub's processes, and the address on each side of it. */
async function meetingPlace(
  stage: Stage,
  carrier: string,
): Promise<{ hubs: number[]; near: string; far: string }> {
  if (carrier === "socket") {
    const mapper = `unix:${join(mkdtempSync(join(tmpdir(), "hello-hop-")), "mapper.sock")}`;
    const program = await stage.start(mapper, ["mapper"]);
    return { hubs: [program.pid], near: mapper, far: mapper };
  }
  if (carrier === "nats") {
    const nats = await startNats();
    stage.defer(() => nats.stop());
    return { hubs: [nats.pid], near: nats.url, far: nats.url };
  }
  const cluster = await startCluster();
  stage.defer(() => cluster.stop());
  const [one, two] = cluster.nodes;
  return { hubs: cluster.nodes.map(({ pid }) => pid), near: one?.url ?? "", far: two?.url ?? "" };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
