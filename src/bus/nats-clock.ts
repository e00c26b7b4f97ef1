import { ClockOffset } from "../flow/index.ts";
import { type CameraInfo, type Micros, micros, now, ProtocolError } from "../protocol/index.ts";
import type { NatsLink } from "./nats-link.ts";
import { decodeTime, encode } from "./nats-messages.ts";
import { askSubject } from "./nats-subjects.ts";

/** Milliseconds that an answer may take to be of any use. */
const TIMEOUT_MS = 1000;

/** The first questions follow each other quickly, so that the first ages shown are good ones. */
const FIRST_QUESTIONS = 4;
const FIRST_EVERY_MS = 50;

/** A change of the offset that is worth to be told, in µs; below it is noise of the way. */
const WORTH_MICROS = 1000;

/** How far the clock of a camera's machine is from this one, while somebody watches the camera. */
export class NatsClock {
  readonly #camera: string;
  readonly #link: NatsLink;
  readonly #changed: () => void;
  readonly #offset = new ClockOffset();
  #told: { readonly offset: number; readonly error: number } | undefined;
  #questions = 0;
  #isAsking = false;

  /** `changed` is called when {@link mark} says something else. */
  constructor(camera: string, link: NatsLink, changed: () => void) {
    this.#camera = camera;
    this.#link = link;
    this.#changed = changed;
  }

  /** `camera` with what to add to its capture times to have them on this machine's clock. */
  mark(camera: CameraInfo): CameraInfo {
    if (this.#told === undefined) return camera;
    const { offset = 0, error = 0 } = camera.clock ?? {};
    return { ...camera, clock: { offset: offset + this.#told.offset, error: error + this.#told.error } };
  }

  /** Another recorder, or another way to it. */
  clear(): void {
    this.#offset.clear();
    this.#questions = 0;
  }

  /** Ask for the time. */
  ask(): void {
    if (this.#isAsking || !this.#link.connected) return;
    this.#isAsking = true;
    this.#questions++;
    const sent = now();
    this.#link.request(askSubject(this.#camera), encode({ type: "time", sent }), TIMEOUT_MS).then(
      (data) => this.#answered(sent, data),
      () => {
        this.#isAsking = false;
      },
    );
  }

  #answered(sent: Micros, data: Uint8Array): void {
    this.#isAsking = false;
    const received = now();
    try {
      this.#offset.add(sent, decodeTime(data), received);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    this.#tell();
    if (this.#questions < FIRST_QUESTIONS) setTimeout(() => this.ask(), FIRST_EVERY_MS).unref();
  }

  #tell(): void {
    const { offsetMicros, roundTripMs } = this.#offset;
    if (offsetMicros === undefined || roundTripMs === undefined) return;
    // Its clock is ahead by the offset, so that much less is the time here.
    const offset = -Math.round(offsetMicros);
    const error = micros(Math.ceil((roundTripMs * 1000) / 2));
    const told = this.#told;
    if (
      told !== undefined &&
      Math.abs(told.offset - offset) < WORTH_MICROS &&
      told.error <= error + WORTH_MICROS
    )
      return;
    this.#told = { offset, error };
    this.#changed();
  }
}
