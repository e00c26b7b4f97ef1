/** A relay of a relay behind a link of 8 Mbit/s, beside a viewer who watches directly over such a link. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkConditions } from "../src/lab/link.ts";
import { LinkShaper } from "../src/lab/link-shaper.ts";
import { ms, save, table } from "./report.ts";
import { pause, quantile, Stage, until } from "./stage.ts";

const LINK = { bitsPerSecond: 8e6, roundTripMs: 20 };
const LOADS = [
  { bytes: 100_000, track: "jpeg" },
  { bytes: 5_000, track: "h264" },
] as const;

/** Seconds before it counts. */
const WARM_UP_SECONDS = 5;

/** Direct, one relay, two relays, at the same time: each way has a link of its own. */
export async function relays(options: { readonly seconds: number }): Promise<string> {
  const rows: string[][] = [];
  const figures: unknown[] = [];
  for (const load of LOADS) {
    await using stage = new Stage();
    const mapper = `unix:${join(mkdtempSync(join(tmpdir(), "hello-relays-")), "mapper.sock")}`;
    await stage.start(mapper, ["mapper"]);
    const source = await stage.start(mapper, ["server", "--port", "0"]);
    stage.publish(mapper, load.bytes, 30, load.track);
    const narrow = async (port: number): Promise<number> => {
      const shaper = new LinkShaper(linkConditions(LINK));
      stage.defer(() => shaper[Symbol.asyncDispose]());
      return shaper.forward(port);
    };
    const relay = async (port: number): Promise<number> => {
      const program = await stage.start("", ["relay", `ws://127.0.0.1:${port}/`, "--port", "0"]);
      return program.port();
    };
    const first = await relay(await narrow(await source.port()));
    const second = await relay(first);
    const ways = { direct: await narrow(await source.port()), "one relay": first, "two relays": second };
    const watchers = Object.entries(ways).map(([way, port]) => ({
      way,
      watcher: stage.watch([port], "bench", load.track),
    }));
    await until("a picture everywhere", () => watchers.every(({ watcher }) => watcher.sees));
    await pause(1000 * WARM_UP_SECONDS);
    for (const { watcher } of watchers) watcher.reset();
    await pause(1000 * options.seconds);
    const answer = await fetch(`http://127.0.0.1:${second}/cameras/bench`);
    const { hops = [] } = (await answer.json()) as { hops?: readonly { readonly ageMs?: number }[] };
    for (const { way, watcher } of watchers) {
      const ages = watcher.agesMs;
      const figure = {
        perSecond: ages.length / options.seconds,
        p50: quantile(ages, 0.5),
        p99: quantile(ages, 0.99),
      };
      figures.push({ ...load, way, ...figure, hops });
      const told = way === "two relays" ? hops.map(({ ageMs }) => `${ageMs ?? "–"}`).join(", ") : "";
      rows.push([
        `${load.bytes / 1000} kB ${load.track}`,
        way,
        figure.perSecond.toFixed(1),
        `${figure.p50.toFixed(1)} / ${ms(figure.p99)}`,
        told,
      ]);
    }
  }
  save("relays", figures);
  const columns = [
    "frame at 30/s",
    "way over 8 Mbit/s",
    "frames/s",
    "age p50 / p99",
    "age that each hop tells, ms",
  ];
  return table("Relays", columns, rows);
}
