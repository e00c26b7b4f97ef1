/** Runs the load generator against a subject and measures both at the same instants. */

import { program } from "./build.ts";
import { coreBusySeconds, cpuSeconds, residentBytes } from "./process-tree.ts";
import { LOAD_CORE, Program, SERVER_CORE } from "./program.ts";
import type { Subject } from "./subject.ts";

/** Frames that a viewer of the load may hold in flight. */
export const WINDOW_FRAMES = 2;

/** What to load it with. */
export interface LoadOptions {
  readonly viewers: number;
  /** Measured time. With `stall`, the time after the stall. */
  readonly seconds: number;
  /** Of so many frames one is acknowledged, and the window is twice that. Absent: each, as viewers do. */
  readonly ackEvery?: number;
  /** Viewers that stop reading, this long into the measured time; and how many others come and go each second from then on. */
  readonly stall?: {
    readonly viewers: number;
    readonly afterSeconds: number;
    readonly churnPerSecond?: number | undefined;
  };
}

/** What the viewers of one phase saw, and what it cost. */
export interface Phase {
  /** Viewers that read, and viewers that the server closed. */
  readonly viewers: number;
  readonly closed: number;
  /** Of those who come and go: how many have left again, and how many of these had seen a picture. */
  readonly came: number;
  readonly saw: number;
  readonly seconds: number;
  readonly frames: number;
  /** Frames captured that a viewer was not sent. */
  readonly skipped: number;
  readonly ratePerViewer: { readonly min: number; readonly mean: number };
  readonly ageMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** CPU of the load itself. */
  readonly cpuSeconds: number;
  /** CPU of the subject's whole process tree. */
  readonly subjectCpuSeconds: number;
  /** The same per delivered frame. */
  readonly microsPerFrame: number;
  /** The same of the process that serves alone. */
  readonly serverMicrosPerFrame: number;
  /** By how much that process has grown for each viewer: its resident memory now, and before the first one came. */
  readonly residentBytesPerViewer: number;
  /** Share of a core, the subject's or the load's, that something else used meanwhile: the larger one. */
  readonly noise: number;
}

/** Load the subject; a phase ends at the stall, if there is one, and at the end. */
export async function* load(
  subject: Subject,
  options: LoadOptions,
  signal: AbortSignal,
): AsyncGenerator<Phase> {
  const { stall, ackEvery = 1 } = options;
  const settings = {
    port: subject.port,
    camera: subject.camera,
    track: subject.track,
    viewers: options.viewers,
    window: WINDOW_FRAMES * ackEvery,
    "ack-every": ackEvery,
    warmup: 3,
    patience: 60,
    seconds: options.seconds,
    ...(subject.path !== undefined && { path: subject.path }),
    ...(stall && {
      stall: stall.viewers,
      "stall-after": stall.afterSeconds,
      churn: stall.churnPerSecond ?? 0,
    }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const emptyBytes = residentBytes(subject.pid);
  await using viewers = new Program(program("load"), args, { core: LOAD_CORE, signal });

  let before = meters(subject);
  for (;;) {
    const { event, ...seen } = JSON.parse(await viewers.line()) as { event: string } & Phase;
    const now = meters(subject);
    if (event !== "measure") {
      const subjectCpuSeconds = now.cpu - before.cpu;
      const others = Math.max(
        now.subjectCore - before.subjectCore - subjectCpuSeconds,
        now.loadCore - before.loadCore - seen.cpuSeconds,
      );
      yield {
        ...seen,
        subjectCpuSeconds,
        microsPerFrame: (subjectCpuSeconds / seen.frames) * 1e6,
        serverMicrosPerFrame: ((now.serverCpu - before.serverCpu) / seen.frames) * 1e6,
        residentBytesPerViewer: (residentBytes(subject.pid) - emptyBytes) / options.viewers,
        noise: Math.max(0, others / seen.seconds),
      };
      if (event === "done") return;
    }
    before = meters(subject);
  }
}

/** Load the subject without any stall. */
export async function measure(subject: Subject, options: LoadOptions, signal: AbortSignal): Promise<Phase> {
  for await (const phase of load(subject, options, signal)) return phase;
  throw new Error("the load ended without figures");
}

function meters(subject: Subject): { cpu: number; serverCpu: number; subjectCore: number; loadCore: number } {
  return {
    // The tree first, whose processes must be found: the two are of the same instant then.
    cpu: cpuSeconds(subject.pid),
    serverCpu: cpuSeconds(subject.pid, false),
    subjectCore: coreBusySeconds(SERVER_CORE),
    loadCore: coreBusySeconds(LOAD_CORE),
  };
}
