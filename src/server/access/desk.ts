import { randomBytes } from "node:crypto";
import type { Ledger, LedgerChange } from "./ledger.ts";
import type { Share, ShareWish } from "./share.ts";

/** Share links at once. The list of them is for people. */
const MAX_SHARES = 1000;

/** Bytes of a share link's id. It is no secret: the link is signed. */
const ID_BYTES = 9;

/** A share link and how many watch with it. */
export interface ShareFacts extends Share {
  readonly viewers: number;
}

/**
 * What a process that serves asks of the one that decides for the whole server. Whatever changes by it is in its own ledger before
 * the answer comes, and on its way to those of all other processes.
 */
export interface Desk {
  /** Make a share link. @throws DeskError if there are too many, or nobody answers */
  share(wish: ShareWish): Promise<Share>;
  /** End a share link and all who watch with it; false if there is none. @throws DeskError */
  revoke(share: string): Promise<boolean>;
  /** All share links that have not ended. @throws DeskError */
  shares(): Promise<readonly ShareFacts[]>;
  /** End a session before its time, and all who watch with it. @throws DeskError */
  end(session: string, untilMs: number): Promise<void>;
  /** Take a place among the viewers of a share link; false if there is none left. @throws DeskError */
  enter(share: string): Promise<boolean>;
  /** Give the place back. */
  leave(share: string): void;
  /** Somebody at this address has failed to say who it is: let the other processes know. */
  failed(address: string): void;
}

/** It cannot be done. The message is one sentence for who asked. */
export class DeskError extends Error {
  override readonly name = "DeskError";
}

/** The desk of a whole server, in the process that decides: everybody who serves has a seat at it. */
export class MainDesk {
  readonly #ledger: Ledger;
  readonly #save: () => void;
  readonly #seats = new Set<DeskSeat>();

  /** `save` is called after a change that must outlive the process. */
  constructor(ledger: Ledger, save: () => void = () => {}) {
    this.#ledger = ledger;
    this.#save = save;
  }

  /** Who has access. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** A seat for one process. `failed` is called when somebody has failed at another one. */
  seat(failed: (address: string) => void = () => {}): DeskSeat {
    const seat = new DeskSeat(this, failed, () => this.#seats.delete(seat));
    this.#seats.add(seat);
    return seat;
  }

  /** How many watch with a share link, everywhere. */
  viewers(share: string): number {
    let viewers = 0;
    for (const seat of this.#seats) viewers += seat.viewers(share);
    return viewers;
  }

  /** Change who has access. */
  change(change: LedgerChange): void {
    this.#ledger.tidy(Date.now());
    this.#ledger.apply(change);
    this.#save();
  }

  /** Tell all but one that somebody has failed. */
  spread(address: string, teller: DeskSeat): void {
    for (const seat of this.#seats) if (seat !== teller) seat.hear(address);
  }
}

/** One process's place at the {@link MainDesk}. */
export class DeskSeat implements Desk {
  readonly #desk: MainDesk;
  readonly #failed: (address: string) => void;
  readonly #left: () => void;
  /** Viewers of this process, by share link. */
  readonly #viewers = new Map<string, number>();

  constructor(desk: MainDesk, failed: (address: string) => void, left: () => void) {
    this.#desk = desk;
    this.#failed = failed;
    this.#left = left;
  }

  async share({ seconds, ...wish }: ShareWish): Promise<Share> {
    const nowMs = Date.now();
    if (this.#desk.ledger.shares(nowMs).length >= MAX_SHARES) {
      throw new DeskError(`there are ${MAX_SHARES} share links already: revoke some first`);
    }
    const id = randomBytes(ID_BYTES).toString("base64url");
    const share = { ...wish, id, createdAtMs: nowMs, endsAtMs: nowMs + Math.round(seconds * 1000) };
    this.#desk.change({ type: "shared", share });
    return share;
  }

  async revoke(share: string): Promise<boolean> {
    if (this.#desk.ledger.share(share, Date.now()) === undefined) return false;
    this.#desk.change({ type: "revoked", share });
    return true;
  }

  async shares(): Promise<readonly ShareFacts[]> {
    const shares = this.#desk.ledger.shares(Date.now());
    return shares.map((share) => ({ ...share, viewers: this.#desk.viewers(share.id) }));
  }

  async end(session: string, untilMs: number): Promise<void> {
    this.#desk.change({ type: "ended", session, untilMs });
  }

  async enter(id: string): Promise<boolean> {
    const share = this.#desk.ledger.share(id, Date.now());
    if (share === undefined) return false;
    if (share.maxViewers !== undefined && this.#desk.viewers(id) >= share.maxViewers) return false;
    this.#viewers.set(id, this.viewers(id) + 1);
    return true;
  }

  leave(share: string): void {
    const viewers = this.viewers(share) - 1;
    if (viewers > 0) this.#viewers.set(share, viewers);
    else this.#viewers.delete(share);
  }

  failed(address: string): void {
    this.#desk.spread(address, this);
  }

  /** How many watch here with a share link. */
  viewers(share: string): number {
    return this.#viewers.get(share) ?? 0;
  }

  /** Somebody has failed at another process. */
  hear(address: string): void {
    this.#failed(address);
  }

  /** The process has ended, and all who watched there with it. */
  close(): void {
    this.#viewers.clear();
    this.#left();
  }
}
