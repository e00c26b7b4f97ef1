import { Limits } from "../protocol/index.ts";
import type { Lease } from "./nats-messages.ts";

/** Who takes which tracks of a camera. Nobody can leave without being noticed: a lease that is not renewed ends. */
export class Leases {
  readonly #members = new Map<string, { tracks: readonly string[]; endsAtMs: number }>();

  /** Somebody takes these tracks now. One more than the limit is not heard. */
  renew({ member, tracks }: Lease, nowMs: number): void {
    if (tracks.length === 0) this.#members.delete(member);
    else if (this.#members.has(member) || this.#members.size < Limits.MAX_LEASES) {
      this.#members.set(member, { tracks, endsAtMs: nowMs + Limits.LEASE_MS });
    }
  }

  /** Which tracks anybody takes at `nowMs`. */
  taken(nowMs: number): ReadonlySet<string> {
    const taken = new Set<string>();
    for (const [member, { tracks, endsAtMs }] of this.#members) {
      if (endsAtMs <= nowMs) this.#members.delete(member);
      else for (const track of tracks) taken.add(track);
    }
    return taken;
  }
}
