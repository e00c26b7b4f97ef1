import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import fastifyHelmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { type FastifyInstance, fastify } from "fastify";
import type { Bus } from "../bus/index.ts";
import { isCameraId, Limits } from "../protocol/index.ts";
import { type Access, type AccessRequest, Gate } from "./access.ts";
import { FrameBytes, fullMessage, simpleMessage } from "./frame-bytes.ts";
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

/** Where a server listens, what it shows, and until when. */
export interface ServerOptions {
  readonly bus: Bus;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Who has it may enter. May be absent on loopback only. */
  readonly token: string | undefined;
  /** Folder of the built page. */
  readonly pageDirectory: string;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** A server that listens. */
export interface RunningServer {
  readonly host: string;
  /** The real one where 0 was asked for. */
  readonly port: number;
  /** Resolves when it has stopped: viewers are told (close code 1001), all sockets are closed. */
  readonly stopped: Promise<void>;
}

/** It cannot listen there. The message is one sentence. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/**
 * Run the server: HTTP and WebSocket on one port.
 * @throws ListenError if the port is taken or the address is not this machine's
 */
export async function run(options: ServerOptions): Promise<RunningServer> {
  const { bus, host, port, signal } = options;
  const gate = new Gate(options.token);
  const sockets = new ViewerSockets();
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  await routes(app, options, gate, sockets);
  app.server.on("upgrade", upgrader(bus, gate, sockets));
  try {
    await app.listen({ host, port });
  } catch (error) {
    await sockets.close(0);
    throw new ListenError(listenMessage(error as NodeJS.ErrnoException, host, port));
  }
  const bound = app.server.address();
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      sockets
        .close(CLOSE_GRACE_MS)
        .then(() => app.close())
        .then(resolve, reject);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  return { host, port: typeof bound === "object" && bound !== null ? bound.port : port, stopped };
}

async function routes(
  app: FastifyInstance,
  { bus, pageDirectory }: ServerOptions,
  gate: Gate,
  sockets: ViewerSockets,
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
  cameraRoutes(app, bus);
  controlRoutes(app, bus);
  const placeholders = new Placeholders(bus);
  snapshotRoutes(app, bus, readers, placeholders);
  streamRoutes(app, bus, readers, placeholders);
  videoRoutes(app, bus, readers);
  healthRoutes(app, bus, () => sockets.size);
}

/** Whether a request changes nothing, whatever it is for. */
function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Takes WebSocket upgrades on `/ws`, through the same gate as every route. */
function upgrader(
  bus: Bus,
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
    const refusal = refuse({ url, headers: request.headers }, camera, gate, sockets);
    if (refusal !== undefined) {
      tcp.end(
        `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nConnection: close\r\n` +
          `Content-Type: text/plain\r\nContent-Length: ${refusal.reason.length}\r\n\r\n${refusal.reason}`,
      );
      return;
    }
    sockets.upgrade(request, tcp, head, (socket, isFull) => {
      socket.listen(isFull ? new Viewer(bus, socket, full) : new SimpleViewer(bus, socket, simple, camera));
    });
  };
}

/** Why an upgrade is not taken; `undefined` if it is. */
function refuse(
  request: AccessRequest,
  camera: string | undefined,
  gate: Gate,
  sockets: ViewerSockets,
): { status: number; reason: string } | undefined {
  const access: Access = gate.checkUpgrade(request);
  if (!access.allowed) return access;
  if (request.url.split("?")[0] !== "/ws") return { status: 404, reason: "WebSockets are at /ws" };
  if (camera !== undefined && !isCameraId(camera)) {
    return { status: 400, reason: "camera must be an id of small letters, digits and -" };
  }
  if (sockets.size >= Limits.MAX_VIEWERS) return { status: 503, reason: "too many viewers" };
  return undefined;
}

function listenMessage(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === "EADDRINUSE") return `port ${port} is in use: expected a free one (--port)`;
  if (error.code === "EACCES") return `port ${port} needs more rights: expected one above 1023 (--port)`;
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return `host ${host} is not an address of this machine (--host)`;
  }
  return `cannot listen on ${host} port ${port}: ${error.message}`;
}
