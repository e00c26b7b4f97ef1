import type { Micros, TrackInfo } from "../protocol/index.ts";
import type { EncodedTrack } from "./encoded-track.ts";
import type * as Engine from "./engine/engine.ts";
import { failure } from "./failure.ts";
import type { CaptureCounters } from "./frame-source.ts";
import { Newest } from "./newest.ts";
import type { Outlet } from "./outlet.ts";
import { PacketGop } from "./packet-gop.ts";
import type { RateLimit } from "./rate-limit.ts";

/** A decoder that is behind by more than this catches up before it shows a picture, in µs. */
const MAX_LAG_MICROS = 100_000;

/**
 * A decoder that begins in the middle of a long GOP and is still behind after this time shows the picture that it has come to, to
 * those who want a picture rather than video, in ms: an older one at once is worth more than the newest one later.
 */
const PATIENCE_MS = 80;

/** What a {@link Transcoder} works on. */
export interface TranscoderParts {
  /** Makes a decoder of the packets. */
  open(): Promise<Engine.VideoDecoder>;
  readonly tracks: readonly EncodedTrack[];
  /** Where the frames go. It is ended with the transcoder. */
  readonly outlet: Outlet;
  /** Whether the source has a track that needs nothing of this: then what fails here is withdrawn, and the source goes on. */
  readonly spare: boolean;
  /** Thins out the pictures. */
  readonly limit: RateLimit;
  /** For messages: what is decoded. */
  readonly label: string;
}

/** A decoded picture on its way to an encoder. */
interface Decoded {
  readonly picture: Engine.Picture;
  readonly capturedAt: Micros;
}

/** One of the tracks, with a slot for the newest picture: no encoder waits for another. */
interface Lane {
  readonly track: EncodedTrack;
  readonly slot: Newest<Decoded>;
}

/**
 * Makes tracks of coded packets: decodes them, once for all, and encodes the pictures, each track as fast as it can. It
 * works only while somebody wants one of them. A decoder that starts in the middle of a GOP goes through it from
 * its keyframe, so the first picture is the newest one.
 */
export class Transcoder implements AsyncDisposable {
  readonly #parts: TranscoderParts;
  readonly #lanes: readonly Lane[];
  readonly #gop = new PacketGop();
  #decoder: Engine.VideoDecoder | undefined;
  #decoded = 0;
  #late = 0;
  /** When the decoder began; absent once it has shown a picture. */
  #beganMs: number | undefined;
  #problem: string | undefined;
  #ended = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(parts: TranscoderParts) {
    this.#parts = parts;
    this.#lanes = parts.tracks.map((track) => ({
      track,
      slot: new Newest<Decoded>(({ picture }) => picture[Symbol.dispose]()),
    }));
  }

  /** What it lost and did so far. */
  get counters(): CaptureCounters {
    let overwritten = this.#late;
    let [broken, encoded] = [0, 0];
    for (const { track, slot } of this.#lanes) {
      overwritten += slot.overwritten;
      broken += track.broken;
      encoded += track.encoded;
    }
    return { overwritten, broken, decoded: this.#decoded, encoded };
  }

  /** Why tracks were withdrawn, in one sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get #active(): boolean {
    return !this.#stopped && this.#lanes.some(({ track }) => track.wanted);
  }

  /** Say which tracks somebody takes from now on. */
  want(tracks: ReadonlySet<string>): void {
    for (const { track } of this.#lanes) track.wanted = tracks.has(track.info.name);
    this.#wake?.();
  }

  /** Somebody needs a keyframe of this track. */
  keyframe(name: string): void {
    for (const { track } of this.#lanes) if (track.info.name === name) track.keyframe();
  }

  /** Takes the next packet over. With `keyframe` a decoder can start at it. */
  put(packet: Engine.Packet, capturedAt: Micros, keyframe: boolean): void {
    const skipped = this.#gop.skipped;
    this.#gop.put({ packet, capturedAt }, keyframe);
    if (this.#active) this.#late += this.#gop.skipped - skipped;
    this.#wake?.();
  }

  /** No more packets: the outlet ends, with `error` if there is one, when all pictures are through. */
  end(error?: unknown): void {
    this.#ended = true;
    this.#wake?.();
    this.#work = this.#work.then(() => this.#parts.outlet.end(error));
  }

  /** Begin to work. */
  start(): void {
    this.#work = Promise.all([this.#decode(), ...this.#lanes.map((lane) => this.#encode(lane))]);
  }

  async #decode(): Promise<void> {
    try {
      while (!this.#stopped) {
        if (!this.#active) await this.#rest();
        const shot = this.#active ? this.#gop.take() : undefined;
        if (shot !== undefined) {
          using packet = shot.packet;
          this.#decoder ??= await this.#open();
          this.#show(await this.#decoder.decode(packet), shot.capturedAt);
        } else if (this.#ended) {
          break;
        } else {
          await this.#bell();
        }
      }
      if (this.#active) this.#show((await this.#decoder?.decode(undefined)) ?? [], this.#gop.newestAt);
      for (const { slot } of this.#lanes) slot.end();
    } catch (error) {
      this.#fail(failure(`cannot decode ${this.#parts.label}`, error), this.#lanes);
    }
  }

  #show(pictures: readonly Engine.Picture[], capturedAt: Micros | undefined): void {
    for (const picture of pictures) {
      using shown = picture;
      this.#decoded++;
      if (capturedAt === undefined) continue;
      if ((this.#gop.newestAt ?? capturedAt) - capturedAt > MAX_LAG_MICROS) {
        this.#late++;
        if (performance.now() - (this.#beganMs ?? Number.POSITIVE_INFINITY) < PATIENCE_MS) continue;
        if (this.#beganMs !== undefined) this.#distribute(shown, capturedAt, ({ codec }) => codec === "jpeg");
      } else if (this.#parts.limit.admits(capturedAt)) {
        this.#distribute(shown, capturedAt, () => true);
      }
    }
  }

  #distribute(picture: Engine.Picture, capturedAt: Micros, takes: (track: TrackInfo) => boolean): void {
    this.#beganMs = undefined;
    for (const { track, slot } of this.#lanes) {
      if (track.wanted && takes(track.info)) slot.put({ picture: picture.share(), capturedAt });
    }
  }

  async #encode({ track, slot }: Lane): Promise<void> {
    try {
      for (;;) {
        const decoded = await slot.take();
        if (decoded === undefined) return;
        using picture = decoded.picture;
        for (const frame of await track.encode(picture, decoded.capturedAt)) this.#parts.outlet.put(frame);
      }
    } catch (error) {
      this.#fail(failure(`cannot encode ${this.#parts.label} as ${track.info.name}`, error), [
        { track, slot },
      ]);
    }
  }

  #bell(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #open(): Promise<Engine.VideoDecoder> {
    this.#beganMs = performance.now();
    return this.#parts.open();
  }

  async #rest(): Promise<void> {
    this.#gop.rewind();
    const decoder = this.#decoder;
    this.#decoder = undefined;
    await decoder?.[Symbol.asyncDispose]();
  }

  #fail(error: Error, lanes: readonly Lane[]): void {
    if (this.#parts.spare) {
      this.#problem = error.message;
      for (const { track, slot } of lanes) {
        track.withdraw();
        slot.clear();
      }
    } else {
      this.#parts.outlet.end(error);
      this.stop();
    }
  }

  /** Work no more. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
    for (const { slot } of this.#lanes) slot.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#work;
    // Packets and pictures may hold buffers of the driver, which end with the input.
    this.#gop.clear();
    await this.#decoder?.[Symbol.asyncDispose]();
    for (const { track } of this.#lanes) await track[Symbol.asyncDispose]();
  }
}
