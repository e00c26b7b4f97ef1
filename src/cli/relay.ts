import { isCameraId } from "../protocol/index.ts";
import { relay as runRelay } from "../relay/index.ts";
import type { Family } from "../server/metrics/family.ts";
import { hubMetrics } from "../server/metrics/hub-metrics.ts";
import { SERVER_KEYS } from "./config/reload.ts";
import { HUB } from "./hub.ts";
import { openBus } from "./open-bus.ts";
import type { Program } from "./program.ts";
import { Restarts } from "./restarts.ts";
import { serve, serveByWorkers } from "./serve.ts";
import { UsageError } from "./usage-error.ts";

/** Where a relay's frames come from. */
export interface Upstream {
  /** Its WebSocket. */
  readonly url: string;
  /** For people: without a token. */
  readonly label: string;
  readonly token: string | undefined;
}

const SCHEMES: Readonly<Record<string, string>> = {
  "http:": "ws:",
  "https:": "wss:",
  "ws:": "ws:",
  "wss:": "wss:",
};

/**
 * Read the address of a server as it prints it, or as `wss://HOST/`: the path of the page, with its token.
 * @throws UsageError
 */
export function parseUpstream(text: string, environment: NodeJS.ProcessEnv): Upstream {
  // An address that cannot be read may have a token in it, so it is not repeated.
  if (!URL.canParse(text)) throw new UsageError("that is no address of a server: expected wss://HOST:PORT/");
  const url = new URL(text);
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined || url.username !== "" || url.password !== "") {
    throw new UsageError(`a relay's source is a server: expected wss://HOST:PORT/ or what it has printed`);
  }
  const token = url.searchParams.get("token") ?? environment["HELLO_UPSTREAM_TOKEN"];
  const path = url.pathname.endsWith("/ws") ? url.pathname : `${url.pathname.replace(/\/$/, "")}/ws`;
  const label = `${scheme}//${url.host}`;
  return { url: `${label}${path}`, label, token: token === "" ? undefined : token };
}

/**
 * Read which cameras are taken: `ID`, or `HERE=THERE` for one that has another id here. None: all.
 * @throws UsageError
 */
export function parseTaken(texts: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (texts.length === 0) return undefined;
  const cameras = new Map<string, string>();
  const here = new Set<string>();
  for (const text of texts) {
    const [first = "", second = first, ...more] = text.split("=");
    if (!isCameraId(first) || !isCameraId(second) || more.length > 0) {
      throw new UsageError(`--camera: "${text}" is no camera of a server: expected ID, or HERE=THERE`);
    }
    if (cameras.has(second) || here.has(first)) {
      throw new UsageError(`--camera: "${text}" is named twice: expected every id once`);
    }
    here.add(first);
    cameras.set(second, first);
  }
  return cameras;
}

/** `relay`: the cameras of another server, served here, or put on the mapper that the user named. */
export async function relay(
  program: Program,
  upstream: Upstream,
  cameras: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  const { config, log, signal } = program;
  const { bus, mapper, stop } = await openBus(program, "relay");
  const restarts = new Restarts();
  const families = (): readonly Family[] => [
    ...(config.mapper === undefined ? hubMetrics(bus, "mapper") : []),
    ...restarts.families(),
  ];
  const server = await (config.workers > 1
    ? serveByWorkers(mapper, program, { restarts, families })
    : serve(bus, program, { families }));
  program.reload.follow(SERVER_KEYS);
  try {
    await runRelay({ ...upstream, cameras, bus, hub: HUB, log, signal });
  } finally {
    if (signal.aborted) await server.stopped;
    await stop();
  }
}
