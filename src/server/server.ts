import { once } from "node:events";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import fastifyHelmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { type FastifyInstance, fastify } from "fastify";
import type { Bus } from "../bus/index.ts";
import { isCameraId, Limits } from "../protocol/index.ts";
import { type Access, type AccessRequest, Gate } from "./access.ts";
import { BusyConnections } from "./busy-connections.ts";
import { type Census, ownTally, type Tally } from "./census.ts";
import { FrameBytes, fullMessage, simpleMessage } from "./frame-bytes.ts";
import { listenError } from "./listen.ts";
import { Placeholders } from "./placeholder/placeholders.ts";
import { ReaderCount } from "./reader-count.ts";
import { cameraRoutes } from "./routes/cameras.ts";
import { controlRoutes } from "./routes/controls.ts";
import { healthRoutes } from "./routes/health.ts";
import { snapshotRoutes } from "./routes/snapshot.ts";
import { streamRoutes } from "./routes/stream.ts";
import { videoRoutes } from "./routes/video.ts";
import { SimpleViewer } from "./simple-viewer.ts";
import { Viewer } from "./viewer.ts";
import { ViewerSockets } from "./web-socket.ts";

/** Milliseconds that viewers have to take their leave when the server stops. */
const CLOSE_GRACE_MS = 500;

/** Milliseconds that a client has for the headers of a request. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Bytes of a request's body: values of some controls. */
const MAX_BODY_BYTES = 16 * 1024;

/** Names of tracks in JPEG: what the simple protocol gives. */
const PICTURE_TRACK = /^jpeg(-[a-z0-9-]{1,27})?$/;

/** What a server shows, to whom, and until when. */
export interface ServerOptions {
  readonly bus: Bus;
  /** Who has it may enter. May be absent on loopback only. */
  readonly token: string | undefined;
  /** Folder of the built page. */
  readonly pageDirectory: string;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** Names this server among hubs, so that no relay goes in circles; the same for all processes of a server. */
  readonly hub?: string | undefined;
  /** Who knows of the whole server; absent where this process is all of it. */
  readonly census?: Census;
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

/** A server without a port of its own, which serves the connections that it is handed. */
export interface HandedServer {
  /** How many of its connections cost something: viewers, and {@link BusyConnections}. */
  readonly busy: number;
  /** Serve one more connection. */
  take(socket: Socket): void;
  /** What this process knows; see {@link Census}. */
  tally(camera: string | undefined): Tally;
  /** See {@link RunningServer.stopped}. */
  readonly stopped: Promise<void>;
}

/**
 * Run the server: HTTP and WebSocket on one port.
 * @throws ListenError if the port is taken or the address is not this machine's
 */
export async function run(options: ServerOptions & Door): Promise<RunningServer> {
  const { host, port, signal } = options;
  const { app, sockets } = await compose(options, () => {});
  try {
    await app.listen({ host, port });
  } catch (error) {
    await sockets.close(0);
    throw listenError(error, host, port);
  }
  const bound = app.server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    stopped: stopped(app, sockets, signal),
  };
}

/** Run a server for connections that another process accepts. `changed` is called when more or fewer are busy. */
export async function runHanded(
  options: ServerOptions & { readonly changed: () => void },
): Promise<HandedServer> {
  const { app, sockets, tally } = await compose(options, options.changed);
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
    stopped: stopped(app, sockets, options.signal),
  };
}

/** A server with all its routes, before it has any connection. */
interface Composed {
  readonly app: FastifyInstance;
  readonly sockets: ViewerSockets;
  readonly tally: (camera: string | undefined) => Tally;
}

/** `changed` is called when there are more or fewer viewers. */
async function compose(options: ServerOptions, changed: () => void): Promise<Composed> {
  const { bus } = options;
  const gate = new Gate(options.token);
  const sockets = new ViewerSockets(changed);
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  const tally = (camera: string | undefined): Tally => ownTally(bus, sockets.size, camera);
  await routes(app, options, gate, options.census ?? tally);
  app.server.on("upgrade", upgrader(options, gate, sockets));
  return { app, sockets, tally };
}

/** Resolves when all has ended after `signal`. */
async function stopped(app: FastifyInstance, sockets: ViewerSockets, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
  await sockets.close(CLOSE_GRACE_MS);
  // A server that is handed its connections does not listen, and only one that listens is closed with all of them.
  app.server.closeAllConnections();
  await app.close();
}

async function routes(
  app: FastifyInstance,
  { bus, pageDirectory }: ServerOptions,
  gate: Gate,
  census: Census,
): Promise<void> {
  app.addHook("onRequest", async (request, reply) => {
    const asked = { url: request.url, headers: request.headers };
    const access = isReading(request.method) ? gate.check(asked) : gate.checkControl(asked);
    if (!access.allowed) {
      if (access.status === 401) reply.header("WWW-Authenticate", "Bearer");
      return reply.code(access.status).send({ error: access.reason });
    }
    if (access.cookie !== undefined) {
      reply.header("Set-Cookie", access.cookie);
      // A link with a token must not stay in the address bar, in bookmarks and in a Referer header.
      if (request.method === "GET" && request.url.startsWith("/?")) return reply.redirect("./");
    }
    return undefined;
  });
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
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    // A dashboard on another port of this host may show the picture; another site may not.
    crossOriginResourcePolicy: { policy: "same-site" },
  });
  await app.register(fastifyStatic, { root: pageDirectory, cacheControl: true, maxAge: 0 });
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: "there is no such page" }));
  const readers = new ReaderCount();
  cameraRoutes(app, bus, census);
  controlRoutes(app, bus);
  const placeholders = new Placeholders(bus);
  snapshotRoutes(app, bus, readers, placeholders);
  streamRoutes(app, bus, readers, placeholders);
  videoRoutes(app, bus, readers);
  healthRoutes(app, bus, census);
}

/** Whether a request changes nothing, whatever it is for. */
function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Takes WebSocket upgrades on `/ws`, through the same gate as every route. */
function upgrader(
  { bus, hub }: Pick<ServerOptions, "bus" | "hub">,
  gate: Gate,
  sockets: ViewerSockets,
): (request: IncomingMessage, tcp: Duplex, head: Buffer) => void {
  const full = new FrameBytes(fullMessage);
  const simple = new FrameBytes(simpleMessage);
  return (request, tcp, head) => {
    tcp.on("error", () => tcp.destroy());
    const url = request.url ?? "/";
    const query = new URLSearchParams(url.split("?")[1] ?? "");
    const camera = query.get("camera") ?? undefined;
    const track = query.get("track") ?? undefined;
    const wish = { camera, track };
    const refusal = refuse({ url, headers: request.headers }, wish, gate, sockets);
    const broken =
      refusal ??
      sockets.upgrade(request, tcp, head, (socket, isFull) => {
        socket.listen(
          isFull ? new Viewer(bus, socket, full, hub) : new SimpleViewer(bus, socket, simple, wish),
        );
      });
    if (broken !== undefined) turnAway(tcp, broken);
  };
}

function turnAway(
  tcp: Duplex,
  { status, reason }: { readonly status: number; readonly reason: string },
): void {
  const version = status === 426 ? "Sec-WebSocket-Version: 13\r\n" : "";
  tcp.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${version}` +
      `Content-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`,
  );
}

/** Why an upgrade is not taken; `undefined` if it is. */
function refuse(
  request: AccessRequest,
  { camera, track }: { readonly camera: string | undefined; readonly track: string | undefined },
  gate: Gate,
  sockets: ViewerSockets,
): { status: number; reason: string } | undefined {
  const access: Access = gate.checkUpgrade(request);
  if (!access.allowed) return access;
  if (request.url.split("?")[0] !== "/ws") return { status: 404, reason: "WebSockets are at /ws" };
  if (camera !== undefined && !isCameraId(camera)) {
    return { status: 400, reason: "camera must be an id of small letters, digits and -" };
  }
  if (track !== undefined && !PICTURE_TRACK.test(track)) {
    return { status: 400, reason: "track must be one in JPEG, such as jpeg-270p" };
  }
  if (sockets.size >= Limits.MAX_VIEWERS) return { status: 503, reason: "too many viewers" };
  return undefined;
}
