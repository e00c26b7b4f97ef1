import { randomBytes } from "node:crypto";
import type { Bus } from "../../bus/index.ts";
import { type Desk, DeskError, MainDesk } from "./desk.ts";
import { type AccessRequest, type Admission, Gate, type Need, type Refusal } from "./gate.ts";
import { Ledger } from "./ledger.ts";
import { narrow } from "./narrow-bus.ts";
import { Origins } from "./origins.ts";
import { KEY_BYTES, Seal } from "./seal.ts";
import { SessionCookie } from "./session-cookie.ts";
import type { Visitor } from "./visitor.ts";
import { Visits } from "./visits.ts";

/** Who has access to a server, beside who has its token. All of it may be absent: then there is nobody else. */
export interface AccessOptions {
  /** Everybody must say who they are, also without a token: there are users. */
  readonly closed?: boolean | undefined;
  /** Signs sessions and share links; one of this process's own if absent. */
  readonly key?: Uint8Array | undefined;
  /** Tells this server from others that have the same key. */
  readonly name?: string | undefined;
  readonly ledger?: Ledger | undefined;
  readonly desk?: Desk | undefined;
  /** Origins whose pages may use the server. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** A visitor that stays. Its place is given back by {@link leave}. */
export interface Stay {
  readonly visitor: Visitor;
  /** The cameras as this visitor sees them. */
  readonly bus: Bus;
  /** Call `end` once if the visitor's access ends. */
  begin(end: () => void): void;
  /** It has left. May be called twice. */
  leave(): void;
}

/** Everything between a request and what it is for: who asks, what they see, and for how long. */
export class Entrance {
  /** Decides on each request. */
  readonly gate: Gate;
  /** Decides for the whole server. */
  readonly desk: Desk;
  /** Who has access. */
  readonly ledger: Ledger;
  /** Signs what browsers keep. */
  readonly seal: Seal;
  /** Holds a session. */
  readonly cookie: SessionCookie;
  /** Whose pages may use the server. */
  readonly origins: Origins;
  readonly #bus: Bus;
  readonly #visits: Visits;
  readonly #unfollow: () => void;
  #closed: boolean;

  /** `token`: who has it is an admin. Without it and without users, the server must be reached from this machine only. */
  constructor(bus: Bus, token: string | undefined, options: AccessOptions = {}) {
    const { name = "0", key = randomBytes(KEY_BYTES), ledger = new Ledger() } = options;
    this.#bus = bus;
    this.ledger = ledger;
    this.desk = options.desk ?? new MainDesk(ledger).seat();
    this.#closed = options.closed === true || token !== undefined || ledger.hadUsers;
    this.seal = new Seal(key, name);
    this.cookie = new SessionCookie(name);
    this.origins = new Origins(options.allowedOrigins ?? []);
    const { desk, seal, cookie, origins } = this;
    this.gate = new Gate({ closed: () => this.closed, token, ledger, desk, seal, cookie, origins });
    this.#visits = new Visits((visitor) => this.gate.holds(visitor));
    this.#unfollow = ledger.follow(() => {
      this.#closed ||= ledger.hadUsers;
      this.#visits.review();
    });
  }

  /** Whether everybody must say who they are: once there is a user, also when there is none any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** See {@link Gate.admit}. */
  admit(request: AccessRequest, need: Need): Promise<Admission> {
    return this.gate.admit(request, need, !isReading(request.method));
  }

  /** Decide on a WebSocket: the visitor and its place, or why not. */
  async admitUpgrade(request: AccessRequest): Promise<Stay | Refusal> {
    const admission = await this.gate.admit(request, "view", true);
    if (!admission.allowed) return admission;
    return admission.visitor === undefined ? NOBODY : this.stay(admission.visitor);
  }

  /** The cameras as a visitor sees them. */
  view(visitor: Visitor | undefined): Bus {
    return narrow(this.#bus, visitor === undefined ? new Set() : visitor.cameras);
  }

  /** A place for a visitor that stays, or why there is none. */
  async stay(visitor: Visitor): Promise<Stay | Refusal> {
    const { share } = visitor;
    if (share !== undefined) {
      try {
        if (!(await this.desk.enter(share))) return FULL;
      } catch (error) {
        if (error instanceof DeskError) return { status: 503, reason: error.message, waitSeconds: 1 };
        throw error;
      }
    }
    let forget = (): void => {};
    let left = false;
    return {
      visitor,
      bus: this.view(visitor),
      begin: (end) => {
        forget = this.#visits.begin(visitor, end);
        // Its access may have ended since it was admitted.
        if (!this.gate.holds(visitor)) this.#visits.review();
      },
      leave: () => {
        if (left) return;
        left = true;
        forget();
        if (share !== undefined) this.desk.leave(share);
      },
    };
  }

  /** No more. */
  close(): void {
    this.#unfollow();
    this.#visits.close();
  }
}

const FULL: Refusal = {
  status: 503,
  reason: "as many as may watch with this link are here already",
  waitSeconds: 5,
};

const NOBODY: Refusal = { status: 401, reason: "this server needs its token, or a login" };

/** Whether a request changes nothing, whatever it is for. */
function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
