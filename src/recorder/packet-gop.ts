import { Limits, type Micros } from "../protocol/index.ts";
import type * as Engine from "./engine/engine.ts";

/** A packet and when its picture was captured. */
export interface Shot {
  readonly packet: Engine.Packet;
  readonly capturedAt: Micros;
}

/** The newest keyframe of a source and what followed it, as packets: what a decoder that comes late has to begin with. */
export class PacketGop implements Disposable {
  #shots: Shot[] = [];
  #bytes = 0;
  #next = 0;
  #skipped = 0;

  /** Packets that were replaced before they were decoded. */
  get skipped(): number {
    return this.#skipped;
  }

  /** When the newest picture was captured. */
  get newestAt(): Micros | undefined {
    return this.#shots.at(-1)?.capturedAt;
  }

  /** Takes the packet over. A keyframe replaces all before it, decoded or not. */
  put(shot: Shot, keyframe: boolean): void {
    if (keyframe) this.clear();
    const { byteLength } = shot.packet;
    if (this.#shots.length >= Limits.MAX_GOP_FRAMES || this.#bytes + byteLength > Limits.MAX_GOP_BYTES) {
      this.#forget();
    }
    this.#shots.push(shot);
    this.#bytes += byteLength;
  }

  /** The next packet to decode, to dispose of; `undefined` if there is none. */
  take(): Shot | undefined {
    const shot = this.#shots[this.#next];
    if (shot === undefined) return undefined;
    this.#next++;
    return { packet: shot.packet.share(), capturedAt: shot.capturedAt };
  }

  /** Another decoder begins: at the keyframe, if it is still there. */
  rewind(): void {
    this.#next = 0;
  }

  /** Let all go. */
  clear(): void {
    this.#skipped += this.#shots.length - this.#next;
    for (const { packet } of this.#shots) packet[Symbol.dispose]();
    this.#shots = [];
    this.#bytes = 0;
    this.#next = 0;
  }

  // A GOP without end is not kept: who decodes goes on, who comes late sees a broken picture until the next keyframe.
  #forget(): void {
    const rest = this.#shots.splice(this.#next);
    for (const { packet } of this.#shots) packet[Symbol.dispose]();
    this.#shots = rest.length < Limits.MAX_GOP_FRAMES / 2 ? rest : [];
    if (this.#shots !== rest) for (const { packet } of rest) packet[Symbol.dispose]();
    this.#bytes = this.#shots.reduce((sum, { packet }) => sum + packet.byteLength, 0);
    this.#next = 0;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
