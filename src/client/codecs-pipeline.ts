import { codecString, findSequence } from "../codec/index.ts";
import { type Frame, now } from "../protocol/index.ts";
import { sizeOf } from "./picture.ts";
import type { Pipeline, PipelineOptions } from "./pipeline.ts";
import { Rounds } from "./rounds.ts";

/** Frames within a decoder that is doing well: one going in, one at work, one coming out. */
const DEPTH_FRAMES = 3;

/** While pictures are left out, one is painted this often all the same: somebody may be looking. */
const SIGN_OF_LIFE_MS = 500;

/** How often a decoder that holds frames is looked after. */
const WATCH_EVERY_MS = 100;

/** Of all pipelines. */
const WATCH = new Rounds(WATCH_EVERY_MS);

/** Time after which a decoder that gives nothing back counts as broken. */
const STUCK_MS = 3_000;

/** Shortest time between two wishes for a keyframe: a wish may be lost, or its keyframe skipped. */
const WISH_EVERY_MS = 1_000;

/** A frame within the decoder. */
interface Held {
  readonly frame: Frame.Frame;
  readonly putAtMs: number;
}

/**
 * Frames that need each other, through a `VideoDecoder`. All of them are decoded, each as soon as it comes; of the pictures
 * that come out the newest is painted.
 */
export class CodecsPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #codec: () => string;
  /** Frames within the decoder by the number that stands in for their time, oldest first. */
  readonly #held = new Map<number, Held>();
  #decoder: VideoDecoder | undefined;
  #parameters: Uint8Array | undefined;
  #configured = "";
  #number = 0;
  #paintedAtMs = Number.NEGATIVE_INFINITY;
  #movedAtMs = 0;
  #wishedAtMs = Number.NEGATIVE_INFINITY;
  readonly #watch = (): void => this.#look();

  /** `codec`: what the camera says of the track now. */
  constructor(options: PipelineOptions, codec: () => string) {
    this.#options = options;
    this.#codec = codec;
  }

  put(frame: Frame.Frame): void {
    const { events } = this.#options;
    if (this.#decoder === undefined && !frame.keyframe) {
      this.#wish();
      events.done(frame);
      return;
    }
    const number = this.#number++;
    try {
      if (frame.keyframe) this.#configure(frame);
      const putAtMs = performance.now();
      if (this.#held.size === 0) this.#movedAtMs = putAtMs;
      this.#held.set(number, { frame, putAtMs });
      const type = frame.keyframe ? "key" : "delta";
      const data = frame.payload as Uint8Array<ArrayBuffer>;
      this.#decoder?.decode(new EncodedVideoChunk({ type, timestamp: number, data }));
    } catch (error) {
      this.#fail(error);
    }
  }

  reset(): void {
    WATCH.delete(this.#watch);
    this.#held.clear();
    this.#options.painter.drop(this);
    this.#paintedAtMs = Number.NEGATIVE_INFINITY;
    this.#wishedAtMs = Number.NEGATIVE_INFINITY;
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder !== undefined && decoder.state !== "closed") decoder.close();
  }

  close(): void {
    this.reset();
  }

  // A keyframe may begin a stream of another size or profile.
  #configure({ payload }: Frame.Frame): void {
    let codec = this.#codec();
    let parameters: Uint8Array | undefined;
    if (codec.startsWith("avc1")) {
      parameters = findSequence(payload);
      if (parameters !== undefined) codec = codecString(parameters);
    }
    const same = codec === this.#configured && equal(parameters, this.#parameters);
    if (this.#decoder !== undefined && same) return;
    this.#decoder ??= this.#create();
    this.#configured = codec;
    this.#parameters = parameters?.slice();
    this.#decoder.configure({ codec, optimizeForLatency: true });
  }

  #create(): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (picture) => {
        if (this.#decoder === decoder) this.#take(picture);
        else picture.close();
      },
      error: (error) => {
        if (this.#decoder === decoder) this.#fail(error);
      },
    });
    WATCH.add(this.#watch);
    return decoder;
  }

  #take(picture: VideoFrame): void {
    const { events } = this.#options;
    const number = picture.timestamp;
    const held = this.#held.get(number);
    if (held === undefined) {
      picture.close();
      return;
    }
    const { frame, putAtMs } = held;
    // Before that it was at work on the frame before.
    const beganAtMs = Math.max(putAtMs, this.#movedAtMs);
    // Those before it that never came out were swallowed. Where order of display and of decoding differ, some still come.
    this.#held.delete(number);
    for (const earlier of this.#held.keys()) if (earlier < number - 32) this.#held.delete(earlier);
    if (this.#worthPainting()) {
      this.#paint(frame, picture);
    } else {
      picture.close();
      events.overwritten();
      events.done(frame);
    }
    this.#movedAtMs = performance.now();
    events.worked(this.#movedAtMs - beganAtMs);
  }

  #worthPainting(): boolean {
    const silentMs = performance.now() - this.#paintedAtMs;
    if (silentMs > SIGN_OF_LIFE_MS) return true;
    return this.#held.size < DEPTH_FRAMES && !this.#options.catchingUp();
  }

  #paint(frame: Frame.Frame, picture: VideoFrame): void {
    const { events, painter, surfaces } = this.#options;
    const size = sizeOf(picture);
    painter.put(this, {
      picture,
      surfaces,
      painted: () => {
        this.#paintedAtMs = performance.now();
        events.painted(frame, size, (now() - frame.capturedAt) / 1000);
        events.done(frame);
      },
      failed: (error) => {
        // A canvas that cannot be painted on is no fault of the decoder.
        events.failed(error);
        events.done(frame);
      },
      overwritten: () => {
        events.overwritten();
        events.done(frame);
      },
    });
  }

  #look(): void {
    if (this.#held.size === 0) return;
    const silentMs = performance.now() - this.#movedAtMs;
    if (silentMs > STUCK_MS) this.#fail(new Error("the decoder gives nothing back"));
    else if (silentMs > WATCH_EVERY_MS && this.#decoder?.decodeQueueSize === 0) this.#options.events.choked();
  }

  #fail(error: unknown): void {
    const { events } = this.#options;
    const last = [...this.#held.values()].at(-1)?.frame;
    this.reset();
    events.failed(error);
    if (last !== undefined) events.done(last);
    this.#wish();
  }

  #wish(): void {
    const nowMs = performance.now();
    if (nowMs - this.#wishedAtMs < WISH_EVERY_MS) return;
    this.#wishedAtMs = nowMs;
    this.#options.events.starved();
  }
}

function equal(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
