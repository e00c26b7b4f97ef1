import type { Size } from "../../codec/index.ts";
import type { Effort } from "../effort.ts";
import type { EncoderName } from "../encoder-name.ts";
import type { Mode } from "../mode.ts";
import type { EngineName } from "./engine-name.ts";

/** The first video stream of an input, as the input really is. */
export interface VideoStream {
  /** FFmpeg's name: `mjpeg`, `rawvideo`, `h264`. */
  readonly codec: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames per second; absent where the input promises none. */
  readonly rate?: number | undefined;
  /** Its codec as WebCodecs names it, where the engine knows. */
  readonly codecString?: string | undefined;
  /** Parameters of the codec that are not in its packets: avcC, hvcC, av1C, or parameter sets in Annex B. */
  readonly parameters?: Uint8Array | undefined;
}

/** How to open an {@link Input}. */
export interface InputOptions {
  /** FFmpeg's name of the device; absent: found out. */
  readonly format?: string | undefined;
  /** FFmpeg's options by name. Those that the input does not know are ignored. */
  readonly options?: Readonly<Record<string, string>>;
  /** A capture device: {@link Input.readNow} never waits, and nothing is read to find out what it is. */
  readonly device?: boolean;
  /** Read no faster than {@link Input.read} asks, and leave nothing out. Absent: the input is always drained. */
  readonly patient?: boolean;
}

/** One encoded packet. Dispose of it: it may hold a buffer of the driver. */
export interface Packet extends Disposable {
  /** When to decode it, in µs of the input's own clock; absent if it does not say. Never goes back within a stream. */
  readonly dtsMicros: number | undefined;
  /** Decodes alone, as the input says. */
  readonly keyframe: boolean;
  /** Bytes that it holds. */
  readonly byteLength: number;
  /** Parameters of the codec that hold from this packet on; absent if they do not change. */
  readonly newParameters: Uint8Array | undefined;
  /** Its bytes themselves; not to be used after disposal. */
  readonly bytes: Uint8Array;
  /** Its bytes, in memory of their own. */
  copy(): Uint8Array;
  /** Another packet with the same bytes in the same memory. */
  share(): Packet;
}

/** One decoded picture. Dispose of it. */
export interface Picture extends Disposable {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** What it is besides its size: pictures that differ in it need another encoder. */
  readonly format: string;
  /** The planes themselves, not copies; rows are `stride` bytes apart. Not to be used after disposal. */
  readonly planes: readonly { readonly bytes: Uint8Array; readonly stride: number }[];
  /** Another picture with the same pixels in the same memory, for a reader of its own. */
  share(): Picture;
}

/** A device, a stream or a file that is open for reading. */
export interface Input extends AsyncDisposable {
  /** What its picture is. */
  readonly video: VideoStream;
  /** The next packet of the video, waiting for it; `undefined` at the end. @throws Error if the input fails or was interrupted */
  read(): Promise<Packet | undefined>;
  /** The next packet of a device if it has one now, else `undefined`. It never waits. @throws Error if the device fails or is gone */
  readNow(): Packet | undefined;
  /** End a read that waits. The input is of no use after it. */
  interrupt(): void;
}

/** Turns the packets of one input into pictures. */
export interface VideoDecoder extends AsyncDisposable {
  /** The pictures that `packet` completes; `undefined` gives those still held, at the end. Broken packets give none. */
  decode(packet: Packet | undefined): Promise<Picture[]>;
}

/** Turns pictures, all like one another, into JPEG. */
export interface JpegEncoder extends AsyncDisposable {
  /** `picture` as a complete JPEG file. */
  encode(picture: Picture): Promise<Uint8Array>;
}

/** One access unit, in Annex B. */
export interface AccessUnit {
  /** Which picture it is of, counted from 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Turns pictures, all like one another, into H.264 without delay: no frame waits for a later one. */
export interface H264Encoder extends AsyncDisposable {
  /** What `picture` completes: its access unit, or none yet where the hardware holds it back. With `keyframe` a decoder can start at it. */
  encode(picture: Picture, keyframe: boolean): Promise<AccessUnit[]>;
  /** What the encoder still holds. It takes no more pictures. */
  flush(): Promise<AccessUnit[]>;
}

/** What an encoder is for. */
export interface EncoderOptions {
  /** A picture like those to come. */
  readonly like: Picture;
  /** Of what is encoded; pictures are scaled to it. */
  readonly size: Size;
}

/** What an encoder of H.264 is for. */
export interface H264Options extends EncoderOptions {
  /** Frames per second. */
  readonly rate: number;
  /** The most bits in any second. */
  readonly maxBitrate: number;
  /** `level_idc`: ten times the level. */
  readonly level: number;
  /** Fewer bits for more work. Hardware has no choice. */
  readonly effort: Effort;
}

/** A capture device as the platform lists it. */
export interface RawDevice {
  /** What {@link Engine.openInput} takes. */
  readonly path: string;
  /** For people. */
  readonly name: string;
}

/** FFmpeg, as far as this program needs it. What one engine gives is given back to the same engine only. */
export interface Engine {
  readonly name: EngineName;
  /** Of FFmpeg, as it calls itself. */
  readonly version: string;
  /** What is opened may need so long before it works, in ms. */
  readonly startMs: number;
  /** FFmpeg's name for the capture devices of this platform: `v4l2`, `avfoundation` or `dshow`. */
  readonly deviceFormat: string;
  /** The capture devices of this machine. */
  devices(): Promise<RawDevice[]>;
  /** The ways in which the device at `path` gives its picture; none if it cannot be asked. */
  modes(path: string): Promise<Mode[]>;
  /** Open `url`. Aborting `signal` ends it early. @throws Error if it cannot be opened or has no video */
  openInput(url: string, options: InputOptions, signal: AbortSignal): Promise<Input>;
  /** For the packets of `input`; without one, for JPEGs. @throws Error if there is no decoder */
  openDecoder(input?: Input): Promise<VideoDecoder>;
  /** `quality` is 1 to 100, about as in libjpeg. @throws Error */
  openJpegEncoder(options: EncoderOptions, quality: number): Promise<JpegEncoder>;
  /** @throws Error if this encoder does not work here */
  openH264Encoder(name: EncoderName, options: H264Options): Promise<H264Encoder>;
  /** A packet of a JPEG that the engine did not read itself. */
  packet(jpeg: Uint8Array): Packet;
  /** A picture to draw on, every value 0: YUV 4:2:0 by ITU-R BT.601 in three planes of full range, what a JPEG holds. */
  blank(size: Size): Picture;
}
