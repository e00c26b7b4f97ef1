import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { allows, type Role } from "../../protocol/index.ts";
import { Attempts } from "./attempts.ts";
import { type Basic, Proofs, readBasic } from "./basic.ts";
import type { Desk } from "./desk.ts";
import type { Ledger } from "./ledger.ts";
import { isAddressedToLoopback } from "./loopback.ts";
import type { Origins } from "./origins.ts";
import { PasswordChecks } from "./password-checks.ts";
import type { Seal, Session } from "./seal.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { User } from "./user.ts";
import { NEIGHBOUR, OWNER, type Visitor } from "./visitor.ts";

/** Life of a session, in ms: a month. */
const SESSION_MS = 30 * 24 * 3600 * 1000;

/** Bytes of a session's id. */
const SESSION_ID_BYTES = 12;

/** What a route needs: a role, or nothing at all. */
export type Need = Role | "nothing";

/** What of a request decides. */
export interface AccessRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Where it comes from. */
  readonly address: string;
  /** Whether it came over https. */
  readonly secure: boolean;
}

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403 | 429 | 503;
  readonly reason: string;
  /** With 429 and 503: when to try again. */
  readonly waitSeconds?: number | undefined;
}

/** The decision on a request. */
export type Admission =
  | {
      readonly allowed: true;
      /** Absent only where nothing is needed. */
      readonly visitor: Visitor | undefined;
      /** To be set: the address held a token, which this takes the place of. */
      readonly cookie?: string | undefined;
    }
  | ({ readonly allowed: false } & Refusal);

/** What a {@link Gate} goes by. */
export interface GateOptions {
  /** Whether everybody must say who they are, now. If not, this machine alone reaches the server, and who does is its owner. */
  readonly closed: () => boolean;
  /** Who has it is an admin; absent: there is none. */
  readonly token: string | undefined;
  readonly ledger: Ledger;
  readonly desk: Desk;
  readonly seal: Seal;
  readonly cookie: SessionCookie;
  readonly origins: Origins;
}

/**
 * The one gate for every route and the WebSocket. Closed, it lets in who has a token, a session or a share link. Open (loopback only),
 * the request must be addressed to this machine by a loopback name: another name that leads here is a foreign page's trick (DNS
 * rebinding). What changes something, and the WebSocket, are refused to pages of other origins (RFC 6455 section 10.2).
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #digest: Buffer | undefined;
  readonly #attempts = new Attempts();
  readonly #checks = new PasswordChecks();
  readonly #proofs: Proofs;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#digest = options.token === undefined ? undefined : sha256(options.token);
    this.#proofs = new Proofs(options.seal);
  }

  /** Decide on a request. `changes`: it is no mere reading, so a page of another origin may not make it. */
  async admit(request: AccessRequest, need: Need, changes: boolean): Promise<Admission> {
    if (changes && this.#options.origins.isForeign(request.headers)) return refused(FOREIGN);
    if (!this.#options.closed()) {
      return isAddressedToLoopback(request.headers.host)
        ? { allowed: true, visitor: NEIGHBOUR }
        : refused(ELSEWHERE);
    }
    const found = await this.#identify(request);
    const visitor = "status" in found ? undefined : found.visitor;
    const cookie = "status" in found ? undefined : found.cookie;
    if (need === "nothing") return { allowed: true, visitor, cookie };
    if ("status" in found) return refused(found);
    if (!allows(found.visitor.role, need)) {
      const reason = `this needs the role ${need}, and yours is ${found.visitor.role}`;
      return refused({ status: 403, reason });
    }
    return { allowed: true, visitor, cookie };
  }

  /** Open a session for a user: the cookie to set. */
  async login(
    name: string,
    password: string,
    { address, secure }: AccessRequest,
  ): Promise<{ readonly cookie: string } | Refusal> {
    const user = await this.#byPassword(name, password, address);
    if ("status" in user) return user;
    return { cookie: await this.#open("user", user.name, user.password, secure) };
  }

  /** Open a session for who has the server's token, or that of a share link: the cookie to set. */
  async loginWithToken(
    token: string,
    { address, secure }: AccessRequest,
  ): Promise<{ readonly cookie: string } | Refusal> {
    const visitor = await this.#byToken(token, address);
    if ("status" in visitor) return visitor;
    return { cookie: await this.#openFor(visitor, token, secure) };
  }

  /** Whether a visitor who was let in still has access. */
  holds(visitor: Visitor): boolean {
    const { endsAtMs, session, share, unasked } = visitor;
    const { ledger, closed } = this.#options;
    if (unasked === true) return !closed();
    const nowMs = Date.now();
    if (endsAtMs !== undefined && endsAtMs <= nowMs) return false;
    if (session !== undefined && ledger.hasEnded(session)) return false;
    if (share !== undefined) return ledger.share(share, nowMs) !== undefined;
    return visitor.user === undefined || this.#isStill(visitor, ledger.user(visitor.user));
  }

  /** Somebody at this address has failed, here or at another process. */
  failed(address: string): void {
    this.#attempts.charge(address, Date.now());
  }

  /** Whether a user may what a visitor may who came as that user. */
  #isStill({ role, cameras, fingerprint }: Visitor, user: User | undefined): boolean {
    if (user === undefined || user.role !== role) return false;
    if (
      user.cameras?.length !== cameras?.size ||
      user.cameras?.some((id) => cameras?.has(id) !== true) === true
    )
      return false;
    return this.#options.seal.fingerprint(user.password) === fingerprint;
  }

  async #identify(request: AccessRequest): Promise<{ visitor: Visitor; cookie?: string } | Refusal> {
    const { headers, url, address, secure } = request;
    const basic = readBasic(headers.authorization);
    if (basic !== undefined) {
      const visitor = await this.#byBasic(basic, address);
      return "status" in visitor ? visitor : { visitor };
    }
    const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
    const linked = bearer === undefined ? tokenIn(url) : undefined;
    const token = bearer ?? linked;
    if (token !== undefined) {
      const visitor = await this.#byToken(token, address);
      if ("status" in visitor) return visitor;
      return linked === undefined
        ? { visitor }
        : { visitor, cookie: await this.#openFor(visitor, token, secure) };
    }
    const cookie = this.#options.cookie.read(headers);
    if (cookie === undefined) return NOBODY_KNOWN;
    const session = await this.#options.seal.readSession(cookie);
    const visitor = session === undefined ? undefined : this.#bySession(session);
    return visitor === undefined ? SESSION_ENDED : { visitor };
  }

  /** Who has this token: the server's own, or that of a share link. */
  async #byToken(token: string, address: string): Promise<Visitor | Refusal> {
    const waitSeconds = this.#attempts.waitSeconds(address, Date.now());
    if (waitSeconds > 0) return tooMany(waitSeconds);
    if (this.#digest !== undefined && timingSafeEqual(this.#digest, sha256(token))) return OWNER;
    const { seal, desk } = this.#options;
    const id = token.includes(".") ? await seal.readShare(token) : undefined;
    if (id !== undefined) return this.#byShare(id) ?? LINK_ENDED;
    this.#attempts.charge(address, Date.now());
    desk.failed(address);
    return WRONG_TOKEN;
  }

  /** Who has this name and this password. */
  async #byPassword(name: string, password: string, address: string): Promise<User | Refusal> {
    const waitSeconds = this.#attempts.waitSeconds(address, Date.now());
    if (waitSeconds > 0) return tooMany(waitSeconds);
    // Before the comparison: many at once are many, too.
    this.#attempts.charge(address, Date.now());
    const user = this.#options.ledger.user(name);
    const matches = await this.#checks.check(user, password);
    if (matches === undefined) {
      this.#attempts.refund(address, Date.now());
      return { status: 503, reason: "too many log in at this moment", waitSeconds: 2 };
    }
    if (!matches || user === undefined) {
      this.#options.desk.failed(address);
      return { status: 401, reason: "the name or the password is wrong" };
    }
    this.#attempts.refund(address, Date.now());
    return user;
  }

  /** Who says a name and a password with every request: a user, or, by any name, who has a token in the password's place. */
  async #byBasic({ name, password }: Basic, address: string): Promise<Visitor | Refusal> {
    const user = this.#options.ledger.user(name);
    if (user === undefined) return this.#byToken(password, address);
    if (!this.#proofs.has(user, password)) {
      const found = await this.#byPassword(name, password, address);
      if ("status" in found) return found;
      this.#proofs.add(found, password);
    }
    const { role, cameras } = user;
    return {
      role,
      cameras: cameras === undefined ? undefined : new Set(cameras),
      user: name,
      fingerprint: this.#options.seal.fingerprint(user.password),
    };
  }

  #byShare(id: string): Visitor | undefined {
    const share = this.#options.ledger.share(id, Date.now());
    if (share === undefined) return undefined;
    return { role: share.role, cameras: new Set(share.cameras), share: id, endsAtMs: share.endsAtMs };
  }

  #bySession({ id, kind, name, fingerprint, endsAtMs }: Session): Visitor | undefined {
    const { ledger, seal, token } = this.#options;
    const session = { session: id, fingerprint, endsAtMs };
    let visitor: Visitor | undefined;
    if (kind === "token") {
      if (token !== undefined && fingerprint === seal.fingerprint(token)) visitor = { ...OWNER, ...session };
    } else if (kind === "share") {
      const share = this.#byShare(name);
      visitor = share === undefined ? undefined : { ...session, ...share };
    } else {
      const user = ledger.user(name);
      const cameras = user?.cameras === undefined ? undefined : new Set(user.cameras);
      visitor = user === undefined ? undefined : { role: user.role, cameras, user: name, ...session };
    }
    return visitor !== undefined && this.holds(visitor) ? visitor : undefined;
  }

  #openFor({ share, endsAtMs }: Visitor, token: string, secure: boolean): Promise<string> {
    return share === undefined
      ? this.#open("token", "", token, secure)
      : this.#open("share", share, share, secure, endsAtMs);
  }

  async #open(
    kind: Session["kind"],
    name: string,
    secret: string,
    secure: boolean,
    notAfterMs: number = Number.POSITIVE_INFINITY,
  ): Promise<string> {
    const { seal, cookie } = this.#options;
    const endsAtMs = Math.min(Date.now() + SESSION_MS, notAfterMs);
    const value = await seal.session({
      id: randomBytes(SESSION_ID_BYTES).toString("base64url"),
      kind,
      name,
      fingerprint: seal.fingerprint(secret),
      endsAtMs,
    });
    return cookie.write(value, endsAtMs, secure);
  }
}

const FOREIGN: Refusal = { status: 403, reason: "a page of another origin may not do this" };
const ELSEWHERE: Refusal = { status: 403, reason: "this server answers to localhost only" };
const NOBODY_KNOWN: Refusal = { status: 401, reason: "this server needs its token, or a login" };
const SESSION_ENDED: Refusal = { status: 401, reason: "the session has ended" };
const WRONG_TOKEN: Refusal = { status: 401, reason: "the token is wrong" };
const LINK_ENDED: Refusal = { status: 401, reason: "the link has expired or was revoked" };

function refused(refusal: Refusal): Admission {
  return { allowed: false, ...refusal };
}

function tooMany(waitSeconds: number): Refusal {
  return { status: 429, reason: `too many failed attempts: try again in ${waitSeconds} s`, waitSeconds };
}

/** The token in an address, if there is one. */
export function tokenIn(url: string): string | undefined {
  const query = url.split("?")[1];
  return query === undefined ? undefined : (new URLSearchParams(query).get("token") ?? undefined);
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
