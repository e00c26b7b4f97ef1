/**
 * `npm run bench` runs every bench; `npm run bench -- fanout age` runs those.
 * Options: --seconds of one measurement, --rounds and --viewers of the fan-out, of workers and of the soak, --bytes of a frame for any number of
 * viewers and --rival NAME=PATH beside the fan-out, --minutes of the memory and churn
 * benches, of the soak and of the wall, --tiles of the wall, --file of a video for the quality bench.
 */

import { parseArgs } from "node:util";
import { onHangUp } from "../src/cli/hang-up.ts";
import { age } from "./age.ts";
import { build } from "./build.ts";
import { cluster } from "./cluster.ts";
import { crashes } from "./crashes.ts";
import { cut } from "./cut.ts";
import { engines } from "./engines.ts";
import { fanout, floorAlone } from "./fanout.ts";
import { hop } from "./hop.ts";
import { join } from "./join.ts";
import { memory } from "./memory.ts";
import { narrow } from "./narrow.ts";
import { quality } from "./quality.ts";
import { relays } from "./relays.ts";
import { scaling } from "./scaling.ts";
import { soak } from "./soak.ts";
import { churn, stall } from "./stall.ts";
import { throttle } from "./throttle.ts";
import { tls } from "./tls.ts";
import { wall } from "./wall.ts";
import { workers } from "./workers.ts";

interface Settings {
  readonly seconds: number;
  readonly rounds: number;
  readonly viewers: number | undefined;
  readonly bytes: number | undefined;
  readonly rivals: readonly string[];
  readonly minutes: number;
  readonly tiles: number;
  readonly file: string | undefined;
  readonly signal: AbortSignal;
}

const BENCHES: Readonly<Record<string, (settings: Settings) => Promise<string>>> = {
  floor: floorAlone,
  fanout,
  age,
  stall,
  churn,
  crashes,
  memory,
  quality,
  engines,
  join,
  soak,
  throttle,
  tls,
  wall,
  workers,
  hop,
  cluster,
  cut,
  narrow,
  relays,
  scaling,
};
/** The floor is part of the fan-out. */
const EVERY = ["fanout", "age", "stall", "churn", "memory", "workers"];

function number(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} wants a number above 0, got "${text}"`);
  return value;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "3" },
      viewers: { type: "string" },
      bytes: { type: "string" },
      rival: { type: "string", multiple: true, default: [] },
      minutes: { type: "string", default: "2" },
      tiles: { type: "string", default: "50" },
      file: { type: "string" },
    },
  });
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stopping.abort());
  onHangUp(() => stopping.abort());
  const settings: Settings = {
    seconds: Math.ceil(number("seconds", values.seconds)),
    rounds: Math.ceil(number("rounds", values.rounds)),
    viewers: values.viewers === undefined ? undefined : number("viewers", values.viewers),
    bytes: values.bytes === undefined ? undefined : Math.ceil(number("bytes", values.bytes)),
    rivals: values.rival,
    minutes: number("minutes", values.minutes),
    tiles: Math.ceil(number("tiles", values.tiles)),
    file: values.file,
    signal: stopping.signal,
  };
  const benches = (positionals.length > 0 ? positionals : EVERY).map((name) => {
    const bench = BENCHES[name];
    if (!bench) throw new Error(`no bench "${name}": there are ${Object.keys(BENCHES).join(", ")}`);
    return bench;
  });

  build();
  for (const bench of benches) console.log(await bench(settings));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
