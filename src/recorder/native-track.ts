import { H264, H265, playsInBrowsers, readAv1Sequence, readVp9Size } from "../codec/index.ts";
import { Frame, Limits, type Micros, type TrackInfo } from "../protocol/index.ts";
import { AccessUnits, type CodedFrame, type Description } from "./access-units.ts";
import type * as Engine from "./engine/engine.ts";
import { expectedJpeg, rounded } from "./expected-track.ts";
import type { SourceFrame } from "./frame-source.ts";
import { JpegTrack } from "./jpeg-track.ts";

const MAX_PAYLOAD_BYTES = Limits.MAX_FRAME_BYTES - Frame.HEADER_BYTES;

/** What a source gives and browsers can show as it is: nothing is decoded for it. */
export interface NativeTrack {
  /** The track as it is now. Another object when it changes. */
  readonly info: TrackInfo;
  /** Packets that were damaged or too large. */
  readonly broken: number;
  /** The newest keyframe and what followed it; of a track of keyframes, nothing. */
  readonly gop: readonly SourceFrame[];
  /** The frame of a packet; `undefined` if there is none, or no decoder could show it. */
  frame(packet: Engine.Packet, capturedAt: Micros): SourceFrame | undefined;
}

/** The track of what an input gives; `undefined` if browsers cannot show it. */
export function nativeTrack(video: Engine.VideoStream, rate: number | undefined): NativeTrack | undefined {
  switch (video.codec) {
    case "mjpeg":
      return new NativeJpeg(rate, video);
    case "h264": {
      const units = new AccessUnits(H264, video.parameters);
      const codec = units.description?.codec ?? video.codecString ?? "avc1.42C01F";
      return playsInBrowsers(codec) ? new CodedTrack("h264", codec, video, rate, units) : undefined;
    }
    case "hevc": {
      const units = new AccessUnits(H265, video.parameters);
      const codec = units.description?.codec ?? video.codecString ?? "hev1.1.6.L93.B0";
      return new CodedTrack("h265", codec, video, rate, units);
    }
    case "av1":
      return new CodedTrack("av1", video.codecString ?? "av01.0.08M.08", video, rate, readAv1Sequence);
    case "vp9":
      return new CodedTrack("vp9", video.codecString ?? "vp09.00.31.08", video, rate, (keyframe) => {
        const size = readVp9Size(keyframe);
        return size && { size };
      });
    default:
      return undefined;
  }
}

class NativeJpeg implements NativeTrack {
  readonly #track: JpegTrack;
  readonly gop = [];

  constructor(rate: number | undefined, size: Engine.VideoStream) {
    this.#track = new JpegTrack(expectedJpeg({ rate, size }));
  }

  get info(): TrackInfo {
    return this.#track.info;
  }

  get broken(): number {
    return this.#track.broken;
  }

  frame(packet: Engine.Packet, capturedAt: Micros): SourceFrame | undefined {
    return this.#track.frame(packet.copy(), capturedAt);
  }
}

/** What a keyframe says of the stream that begins with it. */
type Header = (keyframe: Uint8Array) => Partial<Description> | undefined;

/** A track with deltas. Its frames are in the order of decoding. */
class CodedTrack implements NativeTrack {
  readonly #units: AccessUnits | undefined;
  readonly #header: Header;
  #info: TrackInfo;
  #gop: SourceFrame[] = [];
  #gopBytes = 0;
  #started = false;
  #broken = 0;

  constructor(
    name: string,
    codec: string,
    { width, height }: Engine.VideoStream,
    rate: number | undefined,
    units: AccessUnits | Header,
  ) {
    const own = units instanceof AccessUnits ? units : undefined;
    const known = width > 0 && height > 0 ? { width, height } : own?.description?.size;
    this.#info = {
      name,
      codec,
      width: known?.width,
      height: known?.height,
      rate: rate === undefined ? undefined : rounded(rate),
    };
    this.#units = own;
    this.#header = units instanceof AccessUnits ? () => units.description : units;
  }

  get info(): TrackInfo {
    return this.#info;
  }

  get broken(): number {
    return this.#broken;
  }

  get gop(): readonly SourceFrame[] {
    return this.#gop;
  }

  frame(packet: Engine.Packet, capturedAt: Micros): SourceFrame | undefined {
    const coded = this.#code(packet);
    if (coded === undefined) return undefined;
    if (coded.payload.byteLength === 0 || coded.payload.byteLength > MAX_PAYLOAD_BYTES) {
      // What follows would need it.
      this.#broken++;
      this.#started = false;
      this.#clear();
      return undefined;
    }
    if (coded.keyframe) {
      this.#started = true;
      this.#describe(coded.payload);
      this.#clear();
    }
    if (!this.#started) return undefined;
    const frame = { track: this.#info.name, capturedAt, ...coded };
    this.#keep(frame);
    return frame;
  }

  #code(packet: Engine.Packet): CodedFrame | undefined {
    if (this.#units === undefined) {
      return { keyframe: packet.keyframe, discardable: false, payload: packet.copy() };
    }
    const changed = packet.newParameters;
    if (changed !== undefined) this.#units.configure(changed);
    return this.#units.push(packet.copy(), packet.keyframe);
  }

  #describe(keyframe: Uint8Array): void {
    const { codec: known, width, height } = this.#info;
    const { codec = known, size } = this.#header(keyframe) ?? {};
    if (size === undefined) return;
    if (codec === known && size.width === width && size.height === height) return;
    this.#info = { ...this.#info, codec, ...size };
  }

  // One that is too long is not kept: a newcomer waits for the next keyframe.
  #keep(frame: SourceFrame): void {
    if (!frame.keyframe && this.#gop.length === 0) return;
    this.#gop.push(frame);
    this.#gopBytes += frame.payload.byteLength;
    if (this.#gop.length > Limits.MAX_GOP_FRAMES || this.#gopBytes > Limits.MAX_GOP_BYTES) this.#clear();
  }

  #clear(): void {
    this.#gop = [];
    this.#gopBytes = 0;
  }
}
