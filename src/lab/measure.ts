import { setTimeout as sleep } from "node:timers/promises";
import { now } from "../protocol/index.ts";
import type { Camera } from "./camera.ts";
import type { Device } from "./device.ts";
import { type Link, type OpenLink, openProxyLink } from "./link.ts";
import { openNetnsLink } from "./netns-link.ts";
import { freePort } from "./process.ts";
import { type Sample, type Summary, summarize } from "./samples.ts";
import type { Subject } from "./subject.ts";
import type { OpenViewer } from "./viewer.ts";

/** From the first picture to the beginning of the measurement. */
const WARM_UP_MS = 3_000;

/** Time that a program has for its first picture. */
const FIRST_PICTURE_MS = 20_000;
const LOOK_EVERY_MS = 20;

/** What a link is made of. */
export type LinkKind = "proxy" | "netns";

/** One program behind one link. */
export interface Run {
  readonly subject: Subject;
  readonly watch: OpenViewer;
  readonly link: OpenLink;
  readonly camera: Camera;
  /** The same as a V4L2 device. */
  readonly device: () => Device;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Measurement {
  readonly subject: string;
  readonly samples: readonly Sample[];
  readonly summary: Summary;
  /** Bytes that the link carried to the viewer, per second. */
  readonly bytesPerSecond: number;
}

/** A link of the kind. */
export function openLink(kind: LinkKind, link: Link): Promise<OpenLink> {
  return kind === "netns" ? openNetnsLink(link) : openProxyLink(link);
}

/** Start the program behind the link, watch it from this side, and note every picture. */
export async function measure(run: Run): Promise<Measurement> {
  const { subject, link, camera, device, signal } = run;
  const { prefix, listenHost } = link;
  // Behind a namespace all ports are free; here, another program on it would be what is measured.
  const port = subject.port !== undefined && prefix.length > 0 ? subject.port : await freePort(subject.port);
  await using server = subject.start({ prefix, host: listenHost, port, cameraUrl: camera.url, device });
  const place = await link.reach(port);
  await server.listening(
    prefix.length === 0 ? listenHost : place.host,
    prefix.length === 0 ? port : place.port,
    signal,
  );
  const samples: Sample[] = [];
  let startedAt = Number.POSITIVE_INFINITY;
  let seen = 0;
  await using viewer = await run.watch({ ...place, token: subject.token }, (picture) => {
    seen++;
    const { capturedAt, shownAt, sequence, track } = picture;
    if (shownAt < startedAt || capturedAt === undefined) return;
    samples.push({
      atMs: (shownAt - startedAt) / 1000,
      ageMs: (shownAt - capturedAt) / 1000,
      sequence,
      track,
    });
  });
  const untilMs = performance.now() + FIRST_PICTURE_MS;
  while (seen === 0) {
    await server.check();
    if (performance.now() > untilMs) throw new Error("it has shown no picture");
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  await sleep(WARM_UP_MS, undefined, { signal });
  startedAt = now();
  const before = link.downBytes();
  link.start();
  await sleep(run.seconds * 1000, undefined, { signal });
  const durationMs = (now() - startedAt) / 1000;
  const bytesPerSecond = ((link.downBytes() - before) * 1000) / durationMs;
  await server.check();
  if (viewer.failure !== undefined) throw new Error(`the viewer ended: ${viewer.failure}`);
  return { subject: subject.name, samples, summary: summarize(samples, durationMs), bytesPerSecond };
}
