/**
 * What does TLS cost for each frame? The load does not speak it, so HAProxy stands between the two, on the load's core: it passes
 * bytes on, and does the viewers' half of TLS. The plain server is measured through it as well, so that both ages have the same way.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { measure, type Phase } from "./load.ts";
import { LOAD_CORE, Program } from "./program.ts";
import { ms, percent, save, table } from "./report.ts";
import { oursWithCamera, RATE, type Subject } from "./subject.ts";

const LOADS: readonly { readonly bytes: number; readonly viewers: number }[] = [
  { bytes: 100_000, viewers: 30 },
  { bytes: 5_000, viewers: 300 },
];

/** Milliseconds that HAProxy has to listen. */
const START_MS = 500;

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

interface Round {
  readonly ratio: number;
  readonly plain: Phase;
  readonly secure: Phase;
}

/** Plain and TLS with the same load, one after the other on the same core; the round with the median ratio is shown. */
export async function tls({ seconds, rounds, signal }: Options): Promise<string> {
  const rows: string[][] = [];
  const figures: unknown[] = [];
  for (const { bytes, viewers } of LOADS) {
    const measured: Round[] = [];
    for (let n = 0; n < rounds; n++) {
      const phases: Phase[] = [];
      for (const isSecure of [false, true]) {
        await using subject = await throughHaproxy(bytes, isSecure, signal);
        phases.push(await measure(subject, { viewers, seconds }, signal));
      }
      const [plain, secure] = phases;
      if (plain === undefined || secure === undefined) throw new Error("nothing was measured");
      measured.push({ ratio: secure.serverMicrosPerFrame / plain.serverMicrosPerFrame, plain, secure });
    }
    figures.push({ bytes, viewers, rounds: measured });
    const sorted = measured.toSorted((a, b) => a.ratio - b.ratio);
    const middle = sorted[Math.floor((sorted.length - 1) / 2)];
    if (middle === undefined) throw new Error("no round was measured");
    const load = `${viewers} × ${bytes / 1000} kB`;
    rows.push([load, "plain", "1", ...cells(middle.plain)]);
    rows.push([load, "**TLS**", `**${middle.ratio.toFixed(2)}**`, ...cells(middle.secure)]);
  }
  save("tls", figures);
  const columns = ["load", "", "ratio of the server", "CPU per frame of the server", "frames/s per viewer"];
  return table(`TLS at ${RATE} frames/s`, [...columns, "age p50 / p99", "memory per viewer", "noise"], rows);
}

function cells(phase: Phase): string[] {
  const { min, mean } = phase.ratePerViewer;
  return [
    `${phase.serverMicrosPerFrame.toFixed(1)} µs`,
    `${mean.toFixed(1)} (least ${min.toFixed(1)})`,
    `${phase.ageMs.p50.toFixed(1)} / ${ms(phase.ageMs.p99)}`,
    `${(phase.residentBytesPerViewer / 1000).toFixed(1)} kB`,
    percent(phase.noise),
  ];
}

/** Our server, and HAProxy between it and the load. */
async function throughHaproxy(bytes: number, isSecure: boolean, signal: AbortSignal): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), "hello-bench-"));
  // Where the server keeps its certificate: no setting of ours, so it reaches it.
  process.env["XDG_STATE_HOME"] = folder;
  const options = isSecure ? ["--tls", "auto"] : [];
  const server = await oursWithCamera(bytes, signal, undefined, options);
  const port = await freePort();
  const config = join(folder, "haproxy.cfg");
  writeFileSync(
    config,
    `global\n nbthread 1\n maxconn 4000\n` +
      `listen shim\n mode tcp\n bind 127.0.0.1:${port}\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n` +
      ` server hello 127.0.0.1:${server.port}${isSecure ? " ssl verify none" : ""}\n`,
  );
  const shim = new Program("/usr/sbin/haproxy", ["-db", "-f", config], { core: LOAD_CORE, signal });
  await sleep(START_MS, undefined, { signal });
  shim.check();
  return {
    ...server,
    port,
    [Symbol.asyncDispose]: async () => {
      await shim[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
