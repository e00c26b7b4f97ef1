/** A cluster of three, a recorder, two servers and many viewers: what does anybody notice when one of them dies? */

import { startCluster } from "../test/support/nats-server.ts";
import { residentBytes } from "./process-tree.ts";
import { megabytes, ms, save, table } from "./report.ts";
import { pause, quantile, Stage, until, type Watcher } from "./stage.ts";
import type { Program } from "./started.ts";

const CAMERA = "test=test:320x180@10";

/** Milliseconds that a part stays away, and that it has to settle afterwards. */
const AWAY_MS = 4000;
const SETTLE_MS = 4000;

/** Milliseconds for which a server hangs. */
const HANG_MS = 20_000;

/** As docs/deployment.md has it. */
const CONFIG = 'max_pending: 16MB\nwrite_deadline: "2s"';

interface Seen {
  readonly what: string;
  readonly gapMs: { readonly most: number; readonly p50: number };
  readonly stuck: number;
  readonly ageMs: { readonly p50: number; readonly p99: number };
}

/** Kill and start again each part in turn, then let a server hang. */
export async function cluster(options: { readonly viewers?: number | undefined }): Promise<string> {
  const viewers = options.viewers ?? 200;
  await using stage = new Stage();
  const nats = await startCluster(CONFIG);
  stage.defer(() => nats.stop());
  // Each knows all nodes, and begins at its own.
  const addresses = nats.nodes.map(({ url }) => url);
  const place = (index: number): string => addresses[index] ?? "";
  let recorder = await stage.start(place(0), ["recorder", "--camera", CAMERA]);
  const servers: Program[] = [];
  const ports: number[] = [];
  for (const index of [1, 2]) {
    const server = await stage.start(place(index), ["server", "--port", "0"]);
    servers.push(server);
    ports.push(await server.port());
  }
  const watchers = Array.from({ length: viewers }, (_, index) =>
    stage.watch(index % 2 === 0 ? ports : ports.toReversed(), "test", "jpeg"),
  );
  await until("all viewers have a picture", () => watchers.every(({ sees }) => sees));
  const seen: Seen[] = [];
  const during = async (what: string, trouble: () => Promise<void>): Promise<void> => {
    for (const watcher of watchers) watcher.reset();
    await trouble();
    await pause(SETTLE_MS);
    seen.push(look(what, watchers));
  };
  await during("nothing", () => pause(AWAY_MS));
  for (const index of [0, 1, 2]) {
    await during(`node ${index + 1} killed, and back`, async () => {
      await nats.nodes[index]?.kill();
      await pause(AWAY_MS);
      await nats.restart(index);
    });
  }
  await during("recorder killed, and back", async () => {
    await recorder.stop("SIGKILL");
    recorder = await stage.start(place(0), ["recorder", "--camera", CAMERA]);
    await pause(AWAY_MS);
  });
  for (const [index, port] of ports.entries()) {
    await during(`server ${index + 1} killed, and back`, async () => {
      await servers[index]?.stop("SIGKILL");
      await pause(AWAY_MS);
      servers[index] = await stage.start(place(index + 1), ["server", "--port", String(port)]);
    });
  }
  await during("a server asked to end, and back", async () => {
    await servers[0]?.stop();
    servers[0] = await stage.start(place(1), ["server", "--port", String(ports[0])]);
  });
  const hung = await hang(
    stage,
    nats.nodes.map(({ pid }) => pid),
    place(1),
  );
  save("cluster", { viewers, seen, hung });
  const rows = seen.map(({ what, gapMs, stuck, ageMs }) => [
    what,
    ms(gapMs.most),
    ms(gapMs.p50),
    String(stuck),
    `${ageMs.p50.toFixed(1)} / ${ms(ageMs.p99)}`,
  ]);
  const title = `${viewers} viewers at two servers, a recorder and three nodes of NATS`;
  const columns = [
    "what happened",
    "longest gap of any viewer",
    "of the median viewer",
    "without a picture since",
    "age p50 / p99",
  ];
  const line =
    `A server with 24 Mbit/s of JPEG that hangs for ${HANG_MS / 1000} s: NATS holds ${megabytes(hung.natsBytes.before)} before and ` +
    `${megabytes(hung.natsBytes.most)} at most; longest gap at the other server ${ms(hung.otherGapMs)}, its age p99 ${ms(hung.otherAgeMs)}; after it ` +
    `goes on its viewer is at the live edge (age below 200 ms) after ${ms(hung.edgeMs)}\n`;
  return `${table(title, columns, rows)}\n${line}`;
}

function look(what: string, watchers: readonly Watcher[]): Seen {
  const gaps = watchers.map(({ gapMs }) => gapMs);
  const ages = watchers.flatMap(({ agesMs }) => agesMs);
  return {
    what,
    gapMs: { most: Math.max(...gaps), p50: quantile(gaps, 0.5) },
    stuck: watchers.filter(({ sees }) => !sees).length,
    ageMs: { p50: quantile(ages, 0.5), p99: quantile(ages, 0.99) },
  };
}

interface Hung {
  readonly natsBytes: { readonly before: number; readonly most: number };
  readonly otherGapMs: number;
  readonly otherAgeMs: number;
  readonly edgeMs: number;
}

/** A server that is stopped as a whole, and goes on. */
async function hang(stage: Stage, nodes: readonly number[], mapper: string): Promise<Hung> {
  stage.publish(mapper, 100_000, 30, "jpeg");
  const [a, b] = [
    await stage.start(mapper, ["server", "--port", "0"]),
    await stage.start(mapper, ["server", "--port", "0"]),
  ];
  const hung = stage.watch([await a.port()], "bench", "jpeg");
  const other = stage.watch([await b.port()], "bench", "jpeg");
  await until("both have a picture", () => hung.sees && other.sees);
  await pause(SETTLE_MS);
  other.reset();
  const held = (): number => nodes.reduce((sum, pid) => sum + residentBytes(pid), 0);
  const before = held();
  let most = before;
  a.signal("SIGSTOP");
  for (let sinceMs = 0; sinceMs < HANG_MS; sinceMs += 200) {
    await pause(200);
    most = Math.max(most, held());
  }
  hung.reset();
  a.signal("SIGCONT");
  const edgeMs = await until("the live edge", () => (hung.agesMs.at(-1) ?? Number.POSITIVE_INFINITY) < 200);
  await pause(SETTLE_MS);
  return {
    natsBytes: { before, most },
    otherGapMs: other.gapMs,
    otherAgeMs: quantile(other.agesMs, 0.99),
    edgeMs,
  };
}
