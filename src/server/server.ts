import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import fastifyHelmet from "@fastify/helmet";
import { type FastifyInstance, fastify } from "fastify";
import type { Bus } from "../bus/index.ts";
import { type AccessOptions, Entrance } from "./access/entrance.ts";
import { guard, type RouteFacts } from "./access/guard.ts";
import { BusyConnections } from "./busy-connections.ts";
import { type Census, type CensusQuestion, ownTally, type Tally } from "./census.ts";
import { type Edge, edgeHooks } from "./edge.ts";
import { asksForWebSocket } from "./handshake.ts";
import { IdleConnections } from "./idle-connections.ts";
import { listenError } from "./listen.ts";
import type { Family } from "./metrics/family.ts";
import { type ProcessMetrics, ServerMetrics } from "./metrics/server-metrics.ts";
import { Arrivals, NOTHING_BETWEEN } from "./outside.ts";
import { Pictures } from "./pictures.ts";
import { Placeholders } from "./placeholder/placeholders.ts";
import { PlainRequests } from "./plain-requests.ts";
import { ReaderCount } from "./reader-count.ts";
import { logRequests, requestId, type ServerLog, SILENT } from "./request-log.ts";
import { arrivalRoutes } from "./routes/arrival.ts";
import { cameraRoutes } from "./routes/cameras.ts";
import { controlRoutes } from "./routes/controls.ts";
import { dropInRoutes } from "./routes/drop-in.ts";
import { healthRoutes, type Readiness } from "./routes/health.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { pageRoutes } from "./routes/page.ts";
import { sessionRoutes } from "./routes/session.ts";
import { shareRoutes } from "./routes/shares.ts";
import { snapshotRoutes } from "./routes/snapshot.ts";
import { streamRoutes } from "./routes/stream.ts";
import { trustRoutes } from "./routes/trust.ts";
import { videoRoutes } from "./routes/video.ts";
import { StalledAnswers } from "./stalled-answers.ts";
import { Upgrades } from "./upgrades.ts";
import { ViewerSockets } from "./web-socket.ts";

/** Milliseconds that viewers have to take their leave when the server stops. */
const CLOSE_GRACE_MS = 500;

/** Milliseconds that a client has for the headers of a request. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Milliseconds that a client has for a whole request, its body too. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Milliseconds between two looks at which client has used up its time. */
const TIMEOUT_CHECK_INTERVAL_MS = 5_000;

/** Bytes of a request's body: values of some controls. */
const MAX_BODY_BYTES = 16 * 1024;

/** What Node is told. The versions of it that know the second serve a request as usual if it asks for no WebSocket. */
const HTTP_OPTIONS = {
  connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
  shouldUpgradeCallback: (request: IncomingMessage): boolean => asksForWebSocket(request),
};

/** What a server shows, to whom, and until when. */
export interface ServerOptions extends Edge {
  readonly bus: Bus;
  /** Who has it is an admin. May be absent on loopback only, or where there are users. */
  readonly token: string | undefined;
  /** Who else has access. */
  readonly access?: AccessOptions;
  /** Folder of the built page. */
  readonly pageDirectory: string;
  /** Whether the addresses of other streamers are answered too. Absent: yes. */
  readonly dropIn?: boolean;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** Names this server among hubs, so that no relay goes in circles; the same for all processes of a server. */
  readonly hub?: string | undefined;
  /** Who knows of the whole server; absent where this process is all of it. */
  readonly census?: Census;
  /** Absent: nothing is logged. */
  readonly log?: ServerLog;
  /** Why the server cannot serve now, if so: for `/readyz`. Absent: it always can. */
  readonly unready?: Readiness;
  /** What the process is, for `/metrics`. */
  readonly process?: ProcessMetrics;
}

/** Where a server listens. */
export interface Door {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** A server that listens. */
export interface RunningServer {
  /** The real one where 0 was asked for. */
  readonly port: number;
  /** Resolves when it has stopped: viewers are told (close code 1001), all sockets are closed. */
  readonly stopped: Promise<void>;
}

/** A server of one process. */
export interface SingleServer extends RunningServer {
  /** Everything that it answers to. */
  readonly routes: readonly RouteFacts[];
}

/** A server without a port of its own, which serves the connections that it is handed. */
export interface HandedServer {
  /** How many of its connections cost something: viewers, and {@link BusyConnections}. */
  readonly busy: number;
  /** Serve one more connection. */
  take(socket: Socket): void;
  /** What this process knows; see {@link Census}. */
  tally(question: CensusQuestion): Tally;
  /** All that this process has counted. */
  metrics(): Promise<readonly Family[]>;
  /** Somebody at this address has failed to say who it is, at another process of the server. */
  failed(address: string): void;
  /** See {@link RunningServer.stopped}. */
  readonly stopped: Promise<void>;
}

/**
 * Run the server: HTTP and WebSocket on one port.
 * @throws ListenError if the port is taken or the address is not this machine's
 */
export async function run(options: ServerOptions & Door): Promise<SingleServer> {
  const { host, port, signal } = options;
  const composed = await compose(options, () => {});
  const { app, sockets, routes } = composed;
  try {
    await app.listen({ host, port });
  } catch (error) {
    await sockets.close(0);
    throw listenError(error, host, port);
  }
  const bound = app.server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    stopped: stopped(composed, signal),
    routes,
  };
}

/** Run a server for connections that another process accepts. `changed` is called when more or fewer are busy. */
export async function runHanded(
  options: ServerOptions & { readonly changed: () => void },
): Promise<HandedServer> {
  const composed = await compose(options, options.changed);
  const { app, sockets, tally, metrics, entrance } = composed;
  await app.ready();
  // What Node starts when a server listens: without it, headers that never end would be waited for, also at the end.
  app.server.emit("listening");
  const busy = new BusyConnections(app.server, options.changed);
  return {
    get busy() {
      return busy.size + sockets.size;
    },
    take: (socket) => {
      busy.open(socket);
      app.server.emit("connection", socket);
    },
    tally,
    metrics: () => metrics.families(),
    failed: (address) => entrance.gate.failed(address),
    stopped: stopped(composed, options.signal),
  };
}

/** A server with all its routes, before it has any connection. */
interface Composed {
  readonly app: FastifyInstance;
  readonly sockets: ViewerSockets;
  readonly upgrades: Upgrades;
  readonly entrance: Entrance;
  readonly routes: readonly RouteFacts[];
  readonly tally: (question: CensusQuestion) => Tally;
  readonly metrics: ServerMetrics;
}

/** `changed` is called when there are more or fewer viewers. */
async function compose(options: ServerOptions, changed: () => void): Promise<Composed> {
  const { bus } = options;
  const entrance = new Entrance(bus, options.token, options.access);
  const sockets = new ViewerSockets(changed);
  const arrivals = new Arrivals(options.surroundings ?? NOTHING_BETWEEN);
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    http: HTTP_OPTIONS,
    genReqId: ({ headers }) => requestId(headers),
    rewriteUrl: (request) => arrivals.take(request),
    // Behind it the headers say what is true.
    trustProxy: true,
  });
  logRequests(app, options.log ?? SILENT);
  edgeHooks(app, options);
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  new IdleConnections(app.server);
  const stalled = new StalledAnswers(app.server);
  const tally = (question: CensusQuestion): Tally => ownTally(bus, sockets.size, question);
  const readers = new ReaderCount();
  const counts = (): { viewers: number; readers: number } => ({
    viewers: sockets.size,
    readers: readers.size,
  });
  const metrics = new ServerMetrics(bus, counts, options.process ?? { name: "server" });
  metrics.watch(app);
  app.addHook("onClose", () => {
    metrics.close();
    entrance.close();
    stalled.close();
  });
  const alone: Census = async (question) => ({
    ...tally(question),
    ...(question.metrics === true ? { metrics: await metrics.families() } : {}),
  });
  const known = guard(app, entrance);
  await routes(app, options, { census: options.census ?? alone, readers, entrance });
  const upgrades = new Upgrades({ entrance, sockets, arrivals, hub: options.hub });
  const plain = new PlainRequests(app.server);
  app.server.on("upgrade", (request, tcp, head) => {
    if (asksForWebSocket(request)) upgrades.take(request, tcp, head);
    else plain.take(request, tcp, head);
  });
  return { app, sockets, upgrades, entrance, routes: known, tally, metrics };
}

/** Resolves when all has ended after `signal`. */
async function stopped({ app, sockets, upgrades }: Composed, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
  await sockets.close(CLOSE_GRACE_MS);
  upgrades.close();
  // A server that is handed its connections does not listen, and only one that listens is closed with all of them.
  app.server.closeAllConnections();
  await app.close();
}

/** What routes share. */
interface RouteParts {
  readonly census: Census;
  readonly readers: ReaderCount;
  readonly entrance: Entrance;
}

async function routes(
  app: FastifyInstance,
  { bus, pageDirectory, dropIn = true, signal, strictTransportSeconds, authority, unready }: ServerOptions,
  { census, readers, entrance }: RouteParts,
): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", "data:", "blob:"],
        // Media Source Extensions hand the page's own memory to <video> as a blob.
        mediaSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    // Over plain http a browser ignores all three, and says so on its console.
    originAgentCluster: false,
    strictTransportSecurity: strictTransportSeconds !== undefined && {
      maxAge: strictTransportSeconds,
      includeSubDomains: false,
    },
    crossOriginOpenerPolicy: false,
    // A dashboard on another port of this host may show the picture; another site may not.
    crossOriginResourcePolicy: { policy: "same-site" },
  });
  openApiRoutes(app, dropIn);
  await pageRoutes(app, pageDirectory);
  app.setNotFoundHandler(({ visitor }, reply) => {
    // What there is and what not is nobody's business who may see neither.
    if (visitor === undefined)
      return reply.code(401).send({ error: "this server needs its token, or a login" });
    return reply.code(404).send({ error: "there is no such page" });
  });
  sessionRoutes(app, entrance);
  shareRoutes(app, entrance);
  cameraRoutes(app, census);
  controlRoutes(app, bus);
  const pictures = new Pictures(bus, readers, new Placeholders(bus));
  snapshotRoutes(app, bus, pictures);
  streamRoutes(app, bus, pictures);
  videoRoutes(app, bus, readers);
  healthRoutes(app, census, () => (signal.aborted ? "the server stops" : unready?.()));
  metricsRoutes(app, census);
  arrivalRoutes(app);
  if (authority !== undefined) trustRoutes(app, authority);
  if (dropIn) dropInRoutes(app, pictures, census);
}
