import type { FrozenPicture } from "./frozen-picture.ts";
import { StalledError } from "./stalled-error.ts";

/** A camera that gives nothing for so long has stalled, in ms; slow ones have two and a half of their intervals. */
const STALL_MS = 2000;
/** The first frame takes longer: lamps, lenses and exposure have to settle. In ms. */
const FIRST_FRAME_MS = 5000;
/** Milliseconds between two looks at whether the picture changes: it takes seconds to be sure. */
const LOOK_MS = 250;

/** What a {@link DeviceWatchdog} watches. */
export interface WatchdogOptions {
  /** Frames a second that the device promises. */
  readonly rate: number | undefined;
  /** Absent: its picture may stay the same. */
  readonly frozen: FrozenPicture | undefined;
  readonly nowMs: number;
}

/** A packet as it concerns a watchdog. */
interface Packet {
  /** The driver's own. */
  readonly stampMicros: number | undefined;
  /** Its bytes; read a few times a second. */
  readonly bytes: () => Uint8Array;
}

/** Watches one run of a device: it has stalled if nothing comes, if time stands still, or if the picture does. */
export class DeviceWatchdog {
  readonly #stallMs: number;
  readonly #frozen: FrozenPicture | undefined;
  #packetMs: number;
  #patienceMs = FIRST_FRAME_MS;
  #stampMicros: number | undefined;
  #stampMs: number;
  #moved = false;
  #lookMs: number;

  constructor({ rate, frozen, nowMs }: WatchdogOptions) {
    this.#stallMs = Math.max(STALL_MS, 2500 / (rate ?? 30));
    this.#frozen = frozen;
    this.#packetMs = nowMs;
    this.#stampMs = nowMs;
    this.#lookMs = nowMs;
    frozen?.begin(nowMs);
  }

  /** Nothing has come. @throws StalledError if that is so for too long */
  nothing(nowMs: number): void {
    if (nowMs - this.#packetMs <= this.#patienceMs) return;
    throw new StalledError(`no frame for ${this.#patienceMs / 1000} s`);
  }

  /** A packet has come. @throws StalledError if it is like the ones before for too long */
  packet({ stampMicros, bytes }: Packet, nowMs: number): void {
    this.#patienceMs = this.#stallMs;
    this.#packetMs = nowMs;
    if (stampMicros === undefined || stampMicros !== this.#stampMicros) {
      // A driver that always says the same knows no time; one that has moved and stands still has stalled.
      this.#moved ||= this.#stampMicros !== undefined && stampMicros !== undefined;
      this.#stampMicros = stampMicros;
      this.#stampMs = nowMs;
    } else if (this.#moved && nowMs - this.#stampMs > this.#stallMs) {
      throw new StalledError(`its frames have had the same time stamp for ${this.#stallMs / 1000} s`);
    }
    if (this.#frozen === undefined || nowMs - this.#lookMs < LOOK_MS) return;
    this.#lookMs = nowMs;
    this.#frozen.look(bytes(), nowMs);
  }
}
