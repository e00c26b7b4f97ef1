import { randomBytes, scryptSync } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { Micros } from "../../src/protocol/index.ts";
import { MainDesk } from "../../src/server/access/desk.ts";
import { Ledger } from "../../src/server/access/ledger.ts";
import { KEY_BYTES, Seal } from "../../src/server/access/seal.ts";
import type { Share, ShareWish } from "../../src/server/access/share.ts";
import type { User } from "../../src/server/access/user.ts";
import type { Surroundings } from "../../src/server/outside.ts";
import type { ServerLog } from "../../src/server/request-log.ts";
import { makeAuthority } from "../../src/server/tls/authority.ts";
import { scopeOf } from "../../src/server/tls/scope.ts";
import { FRONT, picture, TestServer } from "./test-server.ts";

/** The token of the server. */
export const TOKEN = "a-token-for-tests";

/** The password of every user. */
export const PASSWORD = "correct horse battery";

/** What `back` shows; `front` shows other sizes. */
export const BACK_PICTURE: Uint8Array = picture(200, 100);

/** Time between two pictures. */
const FRAME_MS = 20;

/** A password as the config has it, at the least cost there is: tests compare many. */
export function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 4, r: 8, p: 1 });
  const text = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
  return `$scrypt$ln=4,r=8,p=1$${text(salt)}$${text(hash)}`;
}

const madeAuthority = makeAuthority("a test", scopeOf({ names: ["localhost"], addresses: ["127.0.0.1"] }));

/** An answer, with as much of its body as came at once. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What to ask for. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Where it comes from: every address of 127.0.0.0/8 is this machine. */
  readonly from?: string;
  /** Stop reading after so many bytes: a stream never ends. 0: the status is all that counts. */
  readonly enoughBytes?: number;
}

/** A server that asks who one is: two cameras, `front` and `back`, and a user for every role. */
export class AccessServer {
  readonly server: TestServer;
  readonly desk: MainDesk;
  readonly #seal: Seal;
  readonly #film: NodeJS.Timeout;

  private constructor(server: TestServer, desk: MainDesk, seal: Seal, film: NodeJS.Timeout) {
    this.#film = film;
    this.server = server;
    this.desk = desk;
    this.#seal = seal;
  }

  static async start(
    options: {
      allowedOrigins?: readonly string[];
      users?: readonly User[];
      token?: string;
      surroundings?: Surroundings;
      log?: ServerLog;
    } = {},
  ): Promise<AccessServer> {
    const password = cheapHash(PASSWORD);
    const users: readonly User[] = options.users ?? [
      { name: "viewer", role: "view", password },
      { name: "keeper", role: "control", password, cameras: ["front"] },
      { name: "recorder", role: "publish", password },
      { name: "boss", role: "admin", password },
    ];
    const key = randomBytes(KEY_BYTES);
    const ledger = new Ledger({ users });
    const desk = new MainDesk(ledger);
    const access = {
      key,
      ledger,
      desk: desk.seat(),
      name: "test",
      allowedOrigins: options.allowedOrigins ?? [],
    };
    const { surroundings, log } = options;
    const { cert: authority } = await madeAuthority;
    const server = await TestServer.start({
      token: options.token ?? TOKEN,
      access,
      authority,
      ...(surroundings && { surroundings }),
      ...(log && { log }),
    });
    server.adjust = async () => [];
    const tracks = [...FRONT.tracks, { name: "h264", codec: "avc1.42E01F" }];
    server.update({ tracks });
    const back = server.bus.publish(
      { ...FRONT, id: "back", name: "Back yard", tracks },
      { demand: () => {}, keyframe: () => {}, refused: () => {} },
    );
    let sequence = 0;
    const film = setInterval(() => {
      sequence++;
      for (const track of ["jpeg", "h264"]) {
        server.publish(undefined, track);
        back.publish(track, {
          sequence,
          capturedAt: (Date.now() * 1000) as Micros,
          keyframe: true,
          discardable: false,
          layer: 0,
          payload: BACK_PICTURE,
        });
      }
    }, FRAME_MS);
    return new AccessServer(server, desk, new Seal(key, "test"), film);
  }

  /** A share link's token. */
  async share(wish: Partial<ShareWish> = {}): Promise<{ readonly share: Share; readonly token: string }> {
    const seat = this.desk.seat();
    const share = await seat.share({ cameras: ["front"], role: "view", seconds: 60, ...wish });
    seat.close();
    return { share, token: await this.#seal.share(share) };
  }

  /** The token of a share link that ended a moment ago. */
  async expiredShare(): Promise<string> {
    const nowMs = Date.now();
    const share: Share = {
      id: "expired-link",
      cameras: ["front"],
      role: "view",
      createdAtMs: nowMs - 2,
      endsAtMs: nowMs - 1,
    };
    this.desk.change({ type: "shared", share });
    return this.#seal.share(share);
  }

  /** The cookie of a session that a login has opened. */
  async login(name: string, password = PASSWORD): Promise<string> {
    const { headers } = await this.ask("/login", { method: "POST", body: { name, password } });
    return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  }

  /** The cookie of a user's session, as a login would open it. */
  async session({ name, password }: User): Promise<string> {
    const value = await this.#seal.session({
      id: randomBytes(8).toString("hex"),
      kind: "user",
      name,
      fingerprint: this.#seal.fingerprint(password),
      endsAtMs: Date.now() + 60_000,
    });
    return `hello_session_test=${value}`;
  }

  /** Ask over HTTP, from wherever. */
  ask(path: string, ask: Ask = {}): Promise<Answer> {
    const { method = "GET", headers = {}, body, from = "127.0.0.1", enoughBytes = 1_000_000 } = ask;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const json =
      text === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: "127.0.0.1", port: this.server.running.port, path, method, localAddress: from, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          const done = (): void => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
            });
            asked.destroy();
          };
          if (enoughBytes === 0) return done();
          response.on("data", (chunk: Buffer) => {
            chunks.push(chunk);
            if (Buffer.concat(chunks).length >= enoughBytes) done();
          });
          response.on("end", done);
          response.on("error", done);
        },
      );
      for (const [name, value] of Object.entries({ ...json, ...headers })) asked.setHeader(name, value);
      asked.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve({ status: 101, headers: response.headers, body: Buffer.alloc(0) });
      });
      asked.on("error", reject);
      asked.end(text);
    });
  }

  /** Address of its WebSockets. */
  get socket(): string {
    return `ws://${this.server.authority}/ws`;
  }

  stop(): Promise<void> {
    clearInterval(this.#film);
    return this.server.stop();
  }
}
