import { addressGroup } from "./address-group.ts";

/** Failed attempts that an address may make at once: a person who has forgotten which password it was. */
const BURST = 10;

/** Milliseconds after which one more is allowed: 2,880 guesses a day, which find no password that is worth the name. */
const FORGIVEN_EVERY_MS = 30_000;

/** Addresses that are remembered, 100 bytes each. Beyond it those that tried least recently are forgotten. */
const MAX_ADDRESSES = 10_000;

/** How often an address has failed to say who it is, as a debt that shrinks with time. */
export class Attempts {
  /** The least recent first. */
  readonly #debts = new Map<string, { debt: number; atMs: number }>();

  /** How many addresses are remembered. */
  get size(): number {
    return this.#debts.size;
  }

  /** Seconds until an address may try again; 0: now. */
  waitSeconds(address: string, nowMs: number): number {
    const excess = this.#debt(addressGroup(address), nowMs) - (BURST - 1);
    return excess <= 0 ? 0 : Math.ceil(Math.round(excess * FORGIVEN_EVERY_MS) / 1000);
  }

  /** An address tries, or has failed. */
  charge(address: string, nowMs: number): void {
    const group = addressGroup(address);
    const debt = this.#debt(group, nowMs) + 1;
    this.#debts.delete(group);
    this.#debts.set(group, { debt, atMs: nowMs });
    if (this.#debts.size <= MAX_ADDRESSES) return;
    for (const oldest of this.#debts.keys()) {
      this.#debts.delete(oldest);
      return;
    }
  }

  /** It did not fail. */
  refund(address: string, nowMs: number): void {
    const group = addressGroup(address);
    const debt = this.#debt(group, nowMs) - 1;
    if (debt <= 0) this.#debts.delete(group);
    else this.#debts.set(group, { debt, atMs: nowMs });
  }

  #debt(group: string, nowMs: number): number {
    const known = this.#debts.get(group);
    if (known === undefined) return 0;
    return Math.max(0, known.debt - (nowMs - known.atMs) / FORGIVEN_EVERY_MS);
  }
}
