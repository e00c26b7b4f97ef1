import { setTimeout as sleep } from "node:timers/promises";
import { now } from "../protocol/index.ts";
import type { Camera } from "./camera.ts";
import type { Device } from "./device.ts";
import { type Link, type OpenLink, openProxyLink } from "./link.ts";
import { openNetnsLink } from "./netns-link.ts";
import { freePort } from "./process.ts";
import { type Showing, type Summary, showing, summarize } from "./samples.ts";
import type { Subject } from "./subject.ts";
import type { OpenViewer, Shown } from "./viewer.ts";

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
  /** From the first picture to the beginning of the measurement, in ms. Default: 3,000. */
  readonly warmUpMs?: number;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Measurement {
  readonly subject: string;
  readonly showing: Showing;
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
  const pictures: Shown[] = [];
  await using viewer = await run.watch({ ...place, token: subject.token }, (picture) => {
    pictures.push(picture);
  });
  const untilMs = performance.now() + FIRST_PICTURE_MS;
  while (pictures.length === 0) {
    await server.check();
    if (performance.now() > untilMs) throw new Error("it has shown no picture");
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  await sleep(run.warmUpMs ?? WARM_UP_MS, undefined, { signal });
  const startedAt = now();
  const before = link.downBytes();
  link.start();
  await sleep(run.seconds * 1000, undefined, { signal });
  const endedAt = now();
  const bytes = link.downBytes() - before;
  // Else what it has not told yet would be time in which nothing came.
  await viewer.catchUp?.();
  await server.check();
  if (link.failure !== undefined) throw new Error(`the link failed: ${link.failure}`);
  if (viewer.failure !== undefined) throw new Error(`the viewer ended: ${viewer.failure}`);
  const shown = showing(pictures, startedAt, endedAt);
  const bytesPerSecond = (bytes * 1000) / shown.durationMs;
  return { subject: subject.name, showing: shown, summary: summarize(shown), bytesPerSecond };
}
