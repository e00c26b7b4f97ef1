import { setTimeout as sleep } from "node:timers/promises";
import { Control } from "../../protocol/index.ts";
import type { Outside } from "../../server/outside.ts";
import type { Answer, Probe } from "./probe.ts";
import { type Flow, StreamTimes } from "./stream-times.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly what: string;
  readonly well: boolean;
  /** What was found, and what to do about it. */
  readonly says: string;
}

/** Milliseconds for which a stream is watched. */
const STREAM_MS = 2_000;

/** A stream is late by more than this share of the time between two pictures if something holds them up. */
const LATE_PICTURES = 0.75;
/** Milliseconds below which no delay is blamed on anybody. */
const LATE_MS = 40;

const ok = (what: string, says: string): Finding => ({ what, well: true, says });
const wrong = (what: string, says: string): Finding => ({ what, well: false, says });

/** Look at a server through whatever stands in front of it: the page, its WebSocket, a snapshot and a stream. */
export async function* checkProxy(probe: Probe): AsyncGenerator<Finding> {
  const page = await probe.get("");
  const refused = refusal(page);
  if (refused !== undefined) return yield refused;
  const html = page.body.toString();
  const script = /<script[^>]+src="([^"]+)"/.exec(html)?.[1];
  if (page.status !== 200 || script === undefined || !html.includes("hello-websocket")) {
    return yield wrong(
      "page",
      `the answer is not this server's page (status ${page.status}): does the proxy send this path here?`,
    );
  }
  const asset = await probe.get(script);
  yield asset.status === 200 && String(asset.headers["content-type"]).includes("javascript")
    ? ok("page", "comes with its script")
    : wrong(
        "page",
        `its script does not come (status ${asset.status}): the proxy sends only some paths here`,
      );
  yield* arrival(probe);
  yield await webSocket(probe);
  yield* pictures(probe);
}

function refusal({ status, headers }: Answer): Finding | undefined {
  const asks = headers["www-authenticate"];
  const location = headers.location ?? "";
  if (status === 401 && asks !== undefined && !/^bearer/i.test(asks)) {
    return wrong("login", "the proxy asks for a login of its own, which this command does not have");
  }
  if (status === 401 || /\blogin\b/.test(location)) {
    return wrong("login", "the server wants to know who asks: expected its token (--token)");
  }
  if (status >= 300 && status < 400) return wrong("page", `it is elsewhere: try --url ${location}`);
  return undefined;
}

/** What a request looks like when it arrives. */
async function* arrival(probe: Probe): AsyncGenerator<Finding> {
  const { base } = probe;
  const answer = await probe.get("arrival");
  if (answer.status !== 200)
    return yield wrong("headers", `the server does not tell how they arrive (status ${answer.status})`);
  const seen = JSON.parse(answer.body.toString()) as Outside & { host?: string; origin?: string };
  const { peer, trusted, forwarded } = seen;
  const trust = trusted ? "" : `, and the server to be told whom to believe (--trust-proxy ${peer})`;
  if (seen.host !== base.host) {
    yield wrong(
      "Host",
      `arrives as ${seen.host} instead of ${base.host}, so a page's WebSocket is refused as another site's: ` +
        "expected the proxy to pass it on (nginx: proxy_set_header Host $http_host), " +
        `or to send X-Forwarded-Host${trust}`,
    );
  }
  if (seen.origin !== base.origin) {
    yield wrong(
      "Origin",
      `arrives as ${seen.origin ?? "nothing"} instead of ${base.origin}: expected the proxy to pass it on`,
    );
  }
  if (`${seen.scheme}:` !== base.protocol) {
    yield wrong(
      "X-Forwarded-Proto",
      `the server takes the scheme for ${seen.scheme}, so cookies lack Secure: expected the proxy to send ` +
        `X-Forwarded-Proto: ${base.protocol.slice(0, -1)}${trust}`,
    );
  }
  if (seen.path !== base.pathname) {
    yield wrong(
      "path",
      `the server takes itself to be at ${seen.path}, so its cookies go astray: expected --base-path ${base.pathname}`,
    );
  }
  if (forwarded.length > 0 && !trusted) {
    yield wrong(
      "X-Forwarded-For",
      `comes from ${peer}, which is not believed: expected --trust-proxy ${peer}`,
    );
  } else if (trusted && !forwarded.includes("x-forwarded-for")) {
    yield wrong(
      "X-Forwarded-For",
      `is missing, so all clients look like ${peer}: expected the proxy to send it`,
    );
  } else {
    yield ok(
      "client",
      trusted ? `${seen.address}, through ${peer}` : `${peer}; no proxy says that it is one`,
    );
  }
}

/** The conversation that carries the pictures. */
async function webSocket(probe: Probe): Promise<Finding> {
  const what = "WebSocket";
  const upgrade = await probe.upgrade("ws");
  if (!upgrade.upgraded) {
    const { status, body } = upgrade;
    if (status === 426) {
      return wrong(
        what,
        "the proxy drops Upgrade or Connection: expected both to be passed on, over HTTP/1.1 " +
          "(nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade, proxy_set_header Connection)",
      );
    }
    const reason = /"error":"([^"]+)"/.exec(body)?.[1] ?? body.split("\n")[0]?.slice(0, 200) ?? "";
    return wrong(what, `is refused with status ${status}: ${reason}`);
  }
  if (!upgrade.isOurs) return wrong(what, "Sec-WebSocket-Key or -Accept is changed on the way");
  if (upgrade.protocol !== Control.SUBPROTOCOL) {
    return wrong(what, "the proxy drops Sec-WebSocket-Protocol: expected it to be passed on, both ways");
  }
  if (!upgrade.hears)
    return wrong(what, "opens, but what the server says does not come: the proxy holds it back");
  if (!upgrade.isHeard) return wrong(what, "opens, but the server does not hear what is said to it");
  return ok(what, "opens, and both sides hear each other");
}

async function* pictures(probe: Probe): AsyncGenerator<Finding> {
  const list = await probe.get("cameras");
  const cameras =
    list.status === 200 ? (JSON.parse(list.body.toString()) as { id: string; state: string }[]) : [];
  const camera = cameras.find(({ state }) => state !== "gone") ?? cameras[0];
  if (camera === undefined) return yield ok("pictures", "there is no camera to try them with");
  const path = `cameras/${camera.id}`;
  const first = await probe.get(`${path}/snapshot.jpg`);
  const sequence = first.headers["x-sequence"];
  if (first.status !== 200 || sequence === undefined) {
    return yield wrong("snapshot", `does not come (status ${first.status}): is camera ${camera.id} well?`);
  }
  await probe.get(`${path}/snapshot.jpg?after=${String(sequence)}`);
  const second = await probe.get(`${path}/snapshot.jpg`);
  yield snapshot(second, String(sequence));
  const age = Number(second.headers["x-age-ms"]);
  const captured = Date.parse(String(second.headers["x-captured-at"]));
  yield await stream(probe, path, second.atMs - captured - age);
}

function snapshot({ headers, body }: Answer, earlier: string): Finding {
  const what = "snapshot";
  if (headers["x-sequence"] === earlier) {
    return wrong(
      what,
      "the same picture comes twice: the proxy keeps answers that say Cache-Control: no-store",
    );
  }
  if (!String(headers["cache-control"]).includes("no-store"))
    return wrong(what, "the proxy drops Cache-Control: expected no-store");
  if (body.readUInt16BE(0) !== 0xffd8)
    return wrong(what, "what comes is no JPEG: the proxy changes pictures");
  return ok(what, "is a new picture each time");
}

async function stream(probe: Probe, path: string, wayMs: number): Promise<Finding> {
  const what = "MJPEG stream";
  const times = new StreamTimes();
  const opening = probe.open(`${path}/stream.mjpg`);
  const response = await Promise.race([opening, sleep(2 * STREAM_MS)]);
  if (response === undefined) {
    opening.then((late) => late.destroy()).catch(() => {});
    return wrong(what, HELD);
  }
  const { statusCode, headers } = response;
  response.on("data", (chunk: Buffer) => times.push(chunk, Date.now())).on("error", () => {});
  await sleep(STREAM_MS);
  response.destroy();
  if (statusCode !== 200) return wrong(what, `does not come (status ${statusCode})`);
  if (headers["content-encoding"] !== undefined) {
    return wrong(
      what,
      `the proxy compresses it (${headers["content-encoding"]}): expected no change to multipart/x-mixed-replace`,
    );
  }
  if (!String(headers["content-type"]).startsWith("multipart/x-mixed-replace")) {
    return wrong(what, `the proxy makes it ${headers["content-type"]}: expected multipart/x-mixed-replace`);
  }
  return judge(what, times.flow(wayMs));
}

const HELD = "nothing of it comes: the proxy waits for its end (nginx: proxy_buffering off)";

function judge(what: string, { pictures, lateMs, everyMs, together }: Flow): Finding {
  if (pictures === 0) return wrong(what, HELD);
  const late = `${Math.round(lateMs)} ms later than they must be`;
  if (together > 1 / 3) {
    return wrong(
      what,
      `pictures come several at once, ${late}: the proxy collects them in a buffer (nginx: proxy_buffering off, ` +
        "and X-Accel-Buffering must not be ignored)",
    );
  }
  if (lateMs > Math.max(LATE_MS, LATE_PICTURES * everyMs)) {
    return wrong(what, `pictures come ${late}: the proxy holds each back, or the way to here is full`);
  }
  return ok(what, `${pictures} pictures in ${STREAM_MS / 1000} s, none held back`);
}
