/** A track of JPEG over NATS where the way to it or from it is too narrow: how much of the way is used, and how old is what comes? */

import { linkConditions, queueBytes } from "../src/lab/link.ts";
import { LinkShaper } from "../src/lab/link-shaper.ts";
import { netnsMissing, openNetnsLink } from "../src/lab/netns-link.ts";
import { startNats } from "../test/support/nats-server.ts";
import { ms, save, table } from "./report.ts";
import { pause, quantile, Stage, until } from "./stage.ts";

const RATE = 30;
const BYTES = 100_000;
const BITS_PER_SECOND = 8e6;
const ROUND_TRIP_MS = 20;

/** Seconds before it counts: the server has found out by then that its way is narrow. */
const WARM_UP_SECONDS = 8;

/** Where the narrow place is. */
type Place = "recorder to NATS" | "NATS to server";

/** What plays it: a proxy with a round trip, or the kernel's token bucket between two namespaces. */
type Kind = "proxy" | "netns";

/** Both places, with both kinds of link where this machine can. */
export async function narrow(options: { readonly seconds: number }): Promise<string> {
  const kinds: Kind[] = netnsMissing() === undefined ? ["proxy", "netns"] : ["proxy"];
  const rows: string[][] = [];
  const figures: unknown[] = [];
  for (const place of ["recorder to NATS", "NATS to server"] as const) {
    for (const kind of kinds) {
      const { framesPerSecond, ages } = await measure(place, kind, options.seconds);
      const part = (framesPerSecond * BYTES * 8) / BITS_PER_SECOND;
      const [p50, p99] = [quantile(ages, 0.5), quantile(ages, 0.99)];
      figures.push({ place, kind, framesPerSecond, part, p50, p99 });
      rows.push([
        place,
        kind,
        framesPerSecond.toFixed(1),
        `${Math.round(100 * part)} %`,
        `${ms(p50)} / ${ms(p99)}`,
      ]);
    }
  }
  save("narrow", figures);
  const title = `${BYTES / 1000} kB JPEG at ${RATE}/s over ${BITS_PER_SECOND / 1e6} Mbit/s (proxy: ${ROUND_TRIP_MS} ms round trip)`;
  return table(title, ["narrow place", "link", "frames/s", "of the link", "age p50 / p99"], rows);
}

async function measure(
  place: Place,
  kind: Kind,
  seconds: number,
): Promise<{ framesPerSecond: number; ages: readonly number[] }> {
  await using stage = new Stage();
  const { recorder, server, prefix } =
    kind === "proxy" ? await proxied(stage, place) : await spaced(stage, place);
  const program = await stage.start(server, ["server", "--port", "0"]);
  stage.publish(recorder, BYTES, RATE, "jpeg", prefix);
  const watcher = stage.watch([await program.port()], "bench", "jpeg");
  await until("the first frame", () => watcher.sees);
  await pause(1000 * WARM_UP_SECONDS);
  watcher.reset();
  await pause(1000 * seconds);
  const ages = [...watcher.agesMs];
  return { framesPerSecond: ages.length / seconds, ages };
}

/** Where recorder and server find NATS, and what stands in front of the recorder's command. */
interface Meeting {
  readonly recorder: string;
  readonly server: string;
  readonly prefix: readonly string[];
}

async function proxied(stage: Stage, place: Place): Promise<Meeting> {
  const nats = await startNats();
  stage.defer(() => nats.stop());
  const { down, up } = linkConditions({ bitsPerSecond: BITS_PER_SECOND, roundTripMs: ROUND_TRIP_MS });
  const shaper = new LinkShaper(place === "NATS to server" ? { down, up } : { down: up, up: down });
  stage.defer(() => shaper[Symbol.asyncDispose]());
  const far = `nats://127.0.0.1:${await shaper.forward(nats.port)}`;
  return place === "NATS to server"
    ? { recorder: nats.url, server: far, prefix: [] }
    : { recorder: far, server: nats.url, prefix: [] };
}

async function spaced(stage: Stage, place: Place): Promise<Meeting> {
  const link = { bitsPerSecond: BITS_PER_SECOND };
  // A queue that holds two of the frames: with less TCP loses the end of each.
  const opened = await openNetnsLink({ ...link, queueBytes: 2 * queueBytes(link) });
  stage.defer(() => opened[Symbol.asyncDispose]());
  const isFar = place === "NATS to server";
  const nats = await startNats({ host: "0.0.0.0", ...(isFar ? { prefix: opened.prefix } : {}) });
  stage.defer(() => nats.stop());
  const { host } = await opened.reach(nats.port);
  const [near, far] = isFar ? [host, host] : ["127.0.0.1", opened.viewerHost];
  return {
    recorder: `nats://${far}:${nats.port}`,
    server: `nats://${near}:${nats.port}`,
    prefix: opened.prefix,
  };
}
