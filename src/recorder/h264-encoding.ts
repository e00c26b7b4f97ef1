import { H264, levelFor, type Size } from "../codec/index.ts";
import { Frame, Limits, type Micros, type TrackInfo } from "../protocol/index.ts";
import { AccessUnits } from "./access-units.ts";
import { AffordableEffort } from "./effort.ts";
import { bestEncoder } from "./encoder-choice.ts";
import type { EncoderName } from "./encoder-name.ts";
import type { Encoding } from "./encoding.ts";
import type { AccessUnit, Engine, H264Encoder, Picture } from "./engine/engine.ts";
import { expectedH264, type Promised, USUAL_RATE } from "./expected-track.ts";
import { SourceError, type SourceFrame } from "./frame-source.ts";
import { maxBitrate } from "./h264-bitrate.ts";
import { RateLimit } from "./rate-limit.ts";
import { evenSize, rungRate, rungSize, type VideoRung } from "./rung.ts";
import type { SourceOptions } from "./source.ts";

const MAX_PAYLOAD_BYTES = Limits.MAX_FRAME_BYTES - Frame.HEADER_BYTES;

/** An encoder that is open, and all that belongs to its pictures. */
interface Session {
  /** What pictures it is for: others need another. */
  readonly key: string;
  readonly name: EncoderName;
  readonly encoder: H264Encoder;
  readonly units: AccessUnits;
  readonly maxBitrate: number;
  /** When the pictures were captured that it has not given back, in their order. */
  readonly times: Micros[];
  /** Which picture the first of `times` is of. */
  firstIndex: number;
  /** It takes more than the machine can afford: the next keyframe that may come is another's. */
  lapsed: boolean;
}

/** Pictures as H.264: a keyframe now and then, else only what changed. */
export class H264Encoding implements Encoding {
  readonly #engine: Engine;
  readonly #options: Pick<SourceOptions, "size" | "encoder">;
  readonly #rung: VideoRung | undefined;
  readonly #rate: number;
  readonly #limit: RateLimit;
  #effort: AffordableEffort;
  #info: TrackInfo;
  #session: Session | undefined;
  #broken = 0;
  #wished = false;
  #keyframeAtMs = Number.NEGATIVE_INFINITY;

  /** Without `rung` the whole pictures, all of them. */
  constructor(
    engine: Engine,
    options: Pick<SourceOptions, "size" | "encoder">,
    promised: Promised,
    rung?: VideoRung,
  ) {
    this.#engine = engine;
    const rate = promised.rate ?? USUAL_RATE;
    this.#options = options;
    this.#rung = rung;
    this.#rate = rung === undefined ? rate : rungRate(rung, rate);
    this.#limit = new RateLimit(this.#rate < rate ? this.#rate : undefined);
    this.#effort = this.#wishedEffort();
    this.#info = expectedH264({ ...promised, size: options.size ?? promised.size }, rung);
  }

  get info(): TrackInfo {
    return this.#info;
  }

  get broken(): number {
    return this.#broken;
  }

  keyframe(): void {
    this.#wished = true;
  }

  async encode(picture: Picture, capturedAt: Micros): Promise<SourceFrame[]> {
    if (!this.#limit.admits(capturedAt)) return [];
    const session = await this.#sessionFor(picture);
    session.times.push(capturedAt);
    const startMs = performance.now();
    const units = await session.encoder.encode(picture, this.#grantKeyframe());
    session.lapsed ||= this.#effort.spent(performance.now() - startMs) && session.name === "x264";
    return units.flatMap((unit) => this.#frame(session, unit));
  }

  #frame(session: Session, { index, bytes }: AccessUnit): SourceFrame[] {
    let capturedAt: Micros | undefined;
    // One at a time, unless the hardware left pictures out.
    for (; session.firstIndex <= index; session.firstIndex++) capturedAt = session.times.shift();
    const coded = session.units.push(bytes);
    if (coded === undefined || capturedAt === undefined) return [];
    if (coded.payload.byteLength > MAX_PAYLOAD_BYTES) {
      this.#broken++;
      this.#wished = true;
      return [];
    }
    if (coded.keyframe) {
      this.#keyframeAtMs = performance.now();
      this.#describe(session);
    }
    return [{ track: this.#info.name, capturedAt, ...coded }];
  }

  // All wishes since the last keyframe are one, and it waits until the next keyframe may come.
  #grantKeyframe(): boolean {
    if (!this.#wished || !this.#keyframeDue) return false;
    this.#wished = false;
    return true;
  }

  get #keyframeDue(): boolean {
    return performance.now() - this.#keyframeAtMs >= Limits.KEYFRAME_INTERVAL_MS;
  }

  #describe({ units: { description }, maxBitrate: bitrate }: Session): void {
    if (description === undefined) return;
    const { codec, size } = description;
    const { codec: known, width, height, bitrate: before } = this.#info;
    if (bitrate === before && codec === known && size.width === width && size.height === height) return;
    this.#info = { ...this.#info, codec, ...size, bitrate };
  }

  async #sessionFor(picture: Picture): Promise<Session> {
    const key = `${picture.width}x${picture.height} ${picture.format}`;
    const over = this.#session?.lapsed === true && this.#keyframeDue;
    if (this.#session?.key === key && !over) return this.#session;
    await this.#close();
    const wanted = this.#options.encoder ?? "auto";
    const name = wanted === "auto" ? await bestEncoder(this.#engine) : wanted;
    this.#session = await this.#open(name, picture, key).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      if (wanted !== "auto") throw new SourceError(`the encoder ${name} does not work here: ${reason}`);
      // Hardware that works may refuse this size.
      return this.#open("x264", picture, key);
    });
    return this.#session;
  }

  async #open(name: EncoderName, picture: Picture, key: string): Promise<Session> {
    const size = this.#sizeFor(this.#options.size ?? picture);
    const rate = this.#rate;
    const bitrate = maxBitrate(size, rate, this.#rung);
    const { effort } = this.#effort;
    const options = { like: picture, size, rate, maxBitrate: bitrate, level: levelFor(size, rate), effort };
    const encoder = await this.#engine.openH264Encoder(name, options);
    return {
      key,
      name,
      encoder,
      units: new AccessUnits(H264),
      maxBitrate: bitrate,
      times: [],
      firstIndex: 0,
      lapsed: false,
    };
  }

  #sizeFor(whole: Size): Size {
    return this.#rung === undefined ? evenSize(whole) : rungSize(this.#rung, whole);
  }

  async rest(): Promise<void> {
    this.#effort = this.#wishedEffort();
    await this.#close();
  }

  #wishedEffort(): AffordableEffort {
    return new AffordableEffort(this.#rung?.effort ?? "some", this.#rate);
  }

  async #close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    // A new encoder begins with a keyframe.
    this.#wished = false;
    await session?.encoder[Symbol.asyncDispose]();
  }
}
