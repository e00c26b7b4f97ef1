/** What a recorder that crashes again and again costs the other cameras of the same `up`. */

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { HelloViewer } from "../src/lab/hello-viewer.ts";
import { Program, SERVER_CORE } from "./program.ts";
import { ms, save, table } from "./report.ts";

const WELL = Array.from({ length: 9 }, (_, index) => `well-${index}`);
const RATE = 10;
const SOURCE = `test:320x180@${RATE}`;

/** All recorders are up, and nobody compiles code any more. */
const SETTLE_MS = 8_000;
const LOOK_MS = 20;

/** What one camera gave in one phase. */
interface Tally {
  frames: number;
  missed: number;
  readonly agesMs: number[];
}

/** Nine cameras and a tenth whose recorder is killed whenever it runs: the nine before, and meanwhile. */
export async function crashes(options: { seconds: number; signal: AbortSignal }): Promise<string> {
  const { seconds, signal } = options;
  const main = `${import.meta.dirname}/../dist/cli/main.js`;
  const cameras = ["bad", ...WELL].flatMap((id) => ["--camera", `${id}=${SOURCE}`]);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_")));
  // Viewers and cameras share all cores here: nothing is compared with a floor.
  const core = `${SERVER_CORE}-1`;
  await using server = new Program(process.execPath, [main, "up", "--port", "0", ...cameras], {
    core,
    signal,
    env,
  });
  const port = await server.port();

  let tallies = begin();
  const last = new Map<string, number>();
  const viewers = await Promise.all(
    WELL.map((camera) =>
      HelloViewer.open(
        { host: "127.0.0.1", port },
        { camera, track: "jpeg" },
        ({ capturedAt, shownAt, sequence }) => {
          const tally = tallies.get(camera);
          if (tally === undefined || capturedAt === undefined) return;
          tally.frames++;
          tally.missed += sequence - (last.get(camera) ?? sequence - 1) - 1;
          last.set(camera, sequence);
          tally.agesMs.push((shownAt - capturedAt) / 1000);
        },
      ),
    ),
  );
  await sleep(SETTLE_MS, undefined, { signal });
  tallies = begin();
  await sleep(seconds * 1000, undefined, { signal });
  const calm = tallies;
  tallies = begin();
  const killed = await crashFor(seconds * 1000, server.pid, signal);
  const crashing = tallies;
  await Promise.all(viewers.map((viewer) => viewer[Symbol.asyncDispose]()));
  save("crashes", { seconds, killed, calm: [...calm], crashing: [...crashing] });
  return table(
    `Nine of ${SOURCE} beside one whose recorder was killed ${killed} times in ${seconds} s, as soon as it ran`,
    ["", "frames/s each", "least", "frames missed", "age p50 / p99 / most"],
    [row("calm", calm, seconds), row("meanwhile", crashing, seconds)],
  );
}

function begin(): Map<string, Tally> {
  return new Map(WELL.map((id) => [id, { frames: 0, missed: 0, agesMs: [] }]));
}

function row(name: string, tallies: ReadonlyMap<string, Tally>, seconds: number): string[] {
  const all = [...tallies.values()];
  const rates = all.map(({ frames }) => frames / seconds);
  const ages = all.flatMap(({ agesMs }) => agesMs).sort((a, b) => a - b);
  const at = (share: number): string =>
    ms(ages[Math.min(ages.length - 1, Math.floor(share * ages.length))] ?? Number.NaN);
  return [
    name,
    (rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toFixed(2),
    Math.min(...rates).toFixed(2),
    String(all.reduce((sum, { missed }) => sum + missed, 0)),
    `${at(0.5)} / ${at(0.99)} / ${at(1)}`,
  ];
}

/** Kill the recorder of `bad` whenever there is one. How often that was. */
async function crashFor(forMs: number, parent: number, signal: AbortSignal): Promise<number> {
  const untilMs = performance.now() + forMs;
  let killed = 0;
  while (performance.now() < untilMs) {
    const pid = recorderOf("bad", parent);
    if (pid !== undefined) {
      process.kill(pid, "SIGKILL");
      killed++;
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
  return killed;
}

/** The living process that records `camera` for `parent`, if there is one now. */
function recorderOf(camera: string, parent: number): number | undefined {
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => {
      try {
        const [state, ppid] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        if (ppid !== String(parent) || state === "Z") return false;
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`"id":"${camera}"`);
      } catch {
        // No process, or one that has ended meanwhile.
        return false;
      }
    });
}
