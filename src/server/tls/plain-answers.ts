import type { IncomingMessage, ServerResponse } from "node:http";
import { type Arrivals, isHost, outsideOf } from "../outside.ts";
import type { TrustPage } from "./trust-page.ts";

/**
 * Answers requests in the clear on a port that is for https: they are sent there. Only the page that helps to trust the
 * authority is given at once. Not for ever (307): a browser that remembers it could not come back when https is switched off.
 */
export function plainAnswers(
  arrivals: Arrivals,
  trust: TrustPage | undefined,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const asked = request.url ?? "/";
    arrivals.take(request);
    if (trust?.answer(request, response)) return;
    const { host } = request.headers;
    const { path, scheme } = outsideOf(request);
    if (scheme === "https") {
      // The client came over https as it was told. To tell it again would go on for ever.
      response.writeHead(502, { "Content-Type": "text/plain", Connection: "close" }).end(PROXY_IN_THE_CLEAR);
      return;
    }
    const isWhole = asked !== request.url;
    const target = isWhole ? asked : path.slice(0, -1) + asked;
    if (host === undefined || !isHost(host) || !target.startsWith("/")) {
      response.writeHead(400, { Connection: "close" }).end();
      return;
    }
    // What it sends along is not read.
    response
      .writeHead(307, { Location: new URL(`https://${host}${target}`).href, Connection: "close" })
      .end("This port is for https.\n");
  };
}

const PROXY_IN_THE_CLEAR =
  "The proxy speaks http to a port that is for https: expected https, or a server without TLS.\n";
