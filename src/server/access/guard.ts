import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Bus } from "../../bus/index.ts";
import { isOver, whenOver } from "../answer.ts";
import { outsideOf } from "../outside.ts";
import { unknownCamera } from "../routes/cameras.ts";
import type { Entrance } from "./entrance.ts";
import { type AccessRequest, type Need, type Refusal, tokenIn } from "./gate.ts";
import { sees, type Visitor } from "./visitor.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route needs. One that does not say is for admins. */
    need?: Need;
    /** It gives pictures: who has a share link takes one of its places, and the end of the access ends the answer. */
    pictures?: boolean;
    /** It is an address of other streamers, for programs that know nothing of forms and redirects, whatever they say that they accept. */
    dropIn?: boolean;
  }

  interface FastifyRequest {
    /** Who asks; absent only where nothing is needed. */
    visitor: Visitor | undefined;
    /** The cameras as who asks sees them. */
    bus: Bus;
  }
}

/** What a request says that the gate decides on. */
export function askedBy(request: FastifyRequest): AccessRequest {
  const { method, url, headers } = request;
  const { address, scheme } = outsideOf(request.raw);
  return { method, url, headers, address, secure: scheme === "https" };
}

/** Answer that a request is turned away. */
export function turnAway(reply: FastifyReply, { status, reason, waitSeconds }: Refusal): FastifyReply {
  // A browser that is told of Basic asks with a window of its own, and the page has a form for that.
  const isBrowser = reply.request.headers["user-agent"]?.startsWith("Mozilla/") === true;
  if (status === 401) reply.header("WWW-Authenticate", isBrowser ? "Bearer" : ["Bearer", BASIC]);
  if (waitSeconds !== undefined) reply.header("Retry-After", waitSeconds);
  return reply.code(status).send({ error: reason });
}

const BASIC = 'Basic realm="hello-websocket", charset="UTF-8"';

/** A route, and what it says that it needs. */
export interface RouteFacts {
  readonly method: string;
  readonly url: string;
  readonly need: Need | undefined;
  readonly pictures: boolean;
}

/**
 * Put the entrance in front of every route of `app`, also of those that do not exist. Before any route is added; the answer lists all that
 * are added later.
 */
export function guard(app: FastifyInstance, entrance: Entrance): readonly RouteFacts[] {
  const routes: RouteFacts[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const each of [method].flat()) {
      routes.push({ method: each, url, need: config?.need, pictures: config?.pictures === true });
    }
  });
  // A page of another site may send text without being asked first whether it may, but no JSON.
  app.removeContentTypeParser("text/plain");
  app.decorateRequest("visitor", undefined);
  app.decorateRequest("bus");

  app.addHook("onRequest", async (request, reply) => {
    const preflight = request.method === "OPTIONS" ? entrance.origins.preflight(request.headers) : undefined;
    if (preflight !== undefined) return reply.headers(preflight).code(204).send();
    // On the response itself: a stream writes its own headers.
    for (const [name, value] of Object.entries(entrance.origins.headers(request.headers.origin))) {
      reply.raw.setHeader(name, value);
    }
    const need = request.is404 ? "view" : (request.routeOptions.config.need ?? "admin");
    const admission = await entrance.admit(askedBy(request), need);
    if (!admission.allowed) {
      // A person gets a form, a program an answer.
      if (admission.status === 401 && isNavigation(request)) return reply.redirect(loginFrom(request.url));
      return turnAway(reply, admission);
    }
    const { visitor, cookie } = admission;
    if (cookie !== undefined && isNavigation(request)) {
      // A link with a token must not stay in the address bar, in bookmarks and in a Referer header.
      return reply.header("Set-Cookie", cookie).redirect(withoutToken(request.url));
    }
    request.visitor = visitor;
    request.bus = entrance.view(visitor);
    const { id } = request.params as { id?: string };
    if (visitor !== undefined && id !== undefined && !sees(visitor, id)) return unknownCamera(reply);
    if (visitor === undefined || request.routeOptions.config.pictures !== true) return undefined;
    const stay = await entrance.stay(visitor);
    if ("status" in stay) return turnAway(reply, stay);
    whenOver(reply.raw, () => stay.leave());
    // Who has left while the gate decided is given nothing: no camera is opened for nobody.
    if (isOver(reply.raw)) {
      reply.hijack();
      return reply;
    }
    stay.begin(() => request.raw.socket.destroy());
    return undefined;
  });
  return routes;
}

/** Whether a browser opens an address as a page of its own. */
function isNavigation({ method, headers, routeOptions }: FastifyRequest): boolean {
  if (routeOptions.config?.dropIn === true) return false;
  return method === "GET" && headers.accept?.includes("text/html") === true;
}

/** The form, as seen from a path: there may be another server's path in front of it. It says when a link has led there in vain. */
function loginFrom(url: string): string {
  const depth = (url.split("?")[0] ?? "/").split("/").length - 2;
  return `${depth <= 0 ? "./" : "../".repeat(depth)}login${tokenIn(url) === undefined ? "" : "?link"}`;
}

/** The same address without its token, as seen from itself. */
function withoutToken(url: string): string {
  const [path = "/", query = ""] = url.split("?");
  const fields = new URLSearchParams(query);
  fields.delete("token");
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `${name === "" ? "./" : `./${name}`}${fields.size === 0 ? "" : `?${fields.toString()}`}`;
}
