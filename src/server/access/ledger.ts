import { z } from "zod";
import { SHARE, type Share } from "./share.ts";
import type { User } from "./user.ts";

/** Sessions that were ended before their time and are remembered for it. Beyond it the oldest is forgotten. */
const MAX_ENDED_SESSIONS = 10_000;

/** All that a {@link Ledger} holds. */
export interface LedgerContent {
  readonly users: readonly User[];
  readonly shares: readonly Share[];
  /** Sessions that were ended before their time: id, and when it would have ended by itself. */
  readonly ended: readonly (readonly [session: string, untilMs: number])[];
  /** There are users, or there were some: nobody is let in because they are gone. */
  readonly hadUsers?: boolean | undefined;
}

/** One change of a {@link Ledger}. */
export type LedgerChange =
  | { readonly type: "all"; readonly content: LedgerContent }
  | { readonly type: "shared"; readonly share: Share }
  | { readonly type: "revoked"; readonly share: string }
  | { readonly type: "ended"; readonly session: string; readonly untilMs: number }
  | { readonly type: "users"; readonly users: readonly User[] };

const KEPT = z.object({ shares: z.array(SHARE), ended: z.array(z.tuple([z.string(), z.number()])) });

/**
 * Who has access to the whole server: users, share links, sessions that were ended. Every process has one, and all are told every
 * change.
 */
export class Ledger {
  readonly #users = new Map<string, User>();
  readonly #shares = new Map<string, Share>();
  readonly #ended = new Map<string, number>();
  readonly #followers = new Set<(change: LedgerChange) => void>();
  #hadUsers = false;

  constructor(content: Partial<LedgerContent> = {}) {
    this.#fill(content);
  }

  /** Whether anybody can log in by name. */
  get hasUsers(): boolean {
    return this.#users.size > 0;
  }

  /** Whether anybody can, or could once. */
  get hadUsers(): boolean {
    return this.#hadUsers;
  }

  /** A user, if there is one of that name. */
  user(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** A share link that has not ended. */
  share(id: string, nowMs: number): Share | undefined {
    const share = this.#shares.get(id);
    return share !== undefined && share.endsAtMs > nowMs ? share : undefined;
  }

  /** All share links that have not ended, oldest first. */
  shares(nowMs: number): readonly Share[] {
    return [...this.#shares.values()].filter(({ endsAtMs }) => endsAtMs > nowMs);
  }

  /** Whether a session was ended before its time. */
  hasEnded(session: string): boolean {
    return this.#ended.has(session);
  }

  /** Take a change, here or from the process that decides. */
  apply(change: LedgerChange): void {
    switch (change.type) {
      case "all":
        this.#users.clear();
        this.#shares.clear();
        this.#ended.clear();
        this.#fill(change.content);
        break;
      case "shared":
        this.#shares.set(change.share.id, change.share);
        break;
      case "revoked":
        this.#shares.delete(change.share);
        break;
      case "ended":
        this.#ended.set(change.session, change.untilMs);
        break;
      case "users":
        this.#users.clear();
        this.#fill(change);
        break;
    }
    for (const follower of this.#followers) follower(change);
  }

  /** Call `changed` after every change, until the answer is called. */
  follow(changed: (change: LedgerChange) => void): () => void {
    this.#followers.add(changed);
    return () => void this.#followers.delete(changed);
  }

  /** Forget what has ended by itself. */
  tidy(nowMs: number): void {
    for (const [id, { endsAtMs }] of this.#shares) if (endsAtMs <= nowMs) this.#shares.delete(id);
    for (const [session, untilMs] of this.#ended) {
      if (untilMs <= nowMs || this.#ended.size > MAX_ENDED_SESSIONS) this.#ended.delete(session);
    }
  }

  #fill({ users = [], shares = [], ended = [], hadUsers = users.length > 0 }: Partial<LedgerContent>): void {
    this.#hadUsers ||= hadUsers;
    for (const user of users) this.#users.set(user.name, user);
    for (const share of shares) this.#shares.set(share.id, share);
    for (const [session, untilMs] of ended) this.#ended.set(session, untilMs);
  }

  /** All that it holds. */
  content(): LedgerContent {
    return {
      users: [...this.#users.values()],
      shares: [...this.#shares.values()],
      ended: [...this.#ended],
      hadUsers: this.#hadUsers || undefined,
    };
  }
}

/** What of a ledger outlives its process. The users are the config's. */
export function keptText({ shares, ended }: LedgerContent): string {
  return JSON.stringify({ shares, ended }, undefined, 1);
}

/** Read what {@link keptText} wrote; `undefined` if it is nothing of the kind. */
export function readKept(text: string): Omit<LedgerContent, "users"> | undefined {
  try {
    return KEPT.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
