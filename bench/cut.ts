/** The cable between a recorder and the cluster is pulled out: what do viewers see, and how old is it afterwards? */

import { execFileSync } from "node:child_process";
import { startCluster } from "../test/support/nats-server.ts";
import { ms, save, table } from "./report.ts";
import { pause, quantile, Stage, until } from "./stage.ts";

const CUT_MS = 10_000;
const SETTLE_MS = 5000;

/** Addresses of the cable, in a block that is kept for measurements (RFC 2544). */
const NEAR = "198.18.9.1";
const FAR = "198.18.9.2";

/** A recorder in a network namespace of its own, whose interface goes down for ten seconds. */
export async function cut(): Promise<string> {
  if (process.getuid?.() !== 0)
    throw new Error("the bench of a cut cable needs root: it makes a network namespace");
  await using stage = new Stage();
  const name = `hello-cut-${process.pid}`;
  const cable = `hc${process.pid}`;
  const ip = (...args: string[]): void => {
    execFileSync("ip", args, { stdio: "ignore" });
  };
  ip("netns", "add", name);
  stage.defer(() => ip("netns", "del", name));
  ip("link", "add", cable, "type", "veth", "peer", "name", "far", "netns", name);
  ip("address", "add", `${NEAR}/30`, "dev", cable);
  ip("link", "set", cable, "up");
  ip("-n", name, "address", "add", `${FAR}/30`, "dev", "far");
  ip("-n", name, "link", "set", "far", "up");
  ip("-n", name, "link", "set", "lo", "up");
  const nats = await startCluster("", NEAR);
  stage.defer(() => nats.stop());
  const [one, two] = nats.nodes.map(({ url }) => url);
  await stage.start(
    one ?? "",
    ["recorder", "--camera", "test=test:640x360@30"],
    ["ip", "netns", "exec", name],
  );
  const server = await stage.start(two ?? "", ["server", "--port", "0"]);
  const port = await server.port();
  const tracks = ["jpeg", "h264"];
  const watchers = tracks.map((track) => stage.watch([port], "test", track));
  await until("a picture", () => watchers.every(({ sees }) => sees));
  await pause(SETTLE_MS);
  const before = watchers.map(({ agesMs }) => [quantile(agesMs, 0.5), quantile(agesMs, 0.99)]);
  for (const watcher of watchers) watcher.reset();
  const state = async (): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/cameras/test`);
    return ((await answer.json()) as { state: string }).state;
  };
  ip("link", "set", cable, "down");
  const goneMs = await until("gone", async () => (await state()) === "gone");
  await pause(CUT_MS - goneMs);
  for (const watcher of watchers) watcher.reset();
  ip("link", "set", cable, "up");
  const backMs = await until("back", () => watchers.every(({ sees }) => sees));
  const gaps = watchers.map(({ gapMs }) => gapMs);
  const firstAges = watchers.map(({ agesMs }) => agesMs[0] ?? Number.NaN);
  await pause(SETTLE_MS);
  const after = watchers.map(({ agesMs }) => [quantile(agesMs, 0.5), quantile(agesMs, 0.99)]);
  save("cut", { goneMs, backMs, gaps, firstAges, before, after });
  const pair = (ages: readonly number[] = []): string => `${(ages[0] ?? 0).toFixed(1)} / ${ms(ages[1] ?? 0)}`;
  const rows = tracks.map((track, index) => [
    track,
    ms(goneMs),
    ms(backMs),
    ms(gaps[index] ?? 0),
    pair(before[index]),
    ms(firstAges[index] ?? 0),
    pair(after[index]),
  ]);
  const columns = [
    "track",
    "said to be gone after",
    "first picture after the cable is back",
    "gap",
    "age before p50 / p99",
    "of the first picture",
    "after",
  ];
  return table(`The cable of a recorder pulled out for ${CUT_MS / 1000} s`, columns, rows);
}
