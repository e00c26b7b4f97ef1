import type { Support } from "./way.ts";

/** Profiles that stand for H.264: what plays both plays what cameras send. */
const PROBES = ["avc1.42E01F", "avc1.640028"];

/** The constructor of a media source; iPhones have only the managed kind. */
export function mediaSource(): typeof MediaSource | undefined {
  const { MediaSource: plain, ManagedMediaSource: managed } = globalThis as {
    MediaSource?: typeof MediaSource;
    ManagedMediaSource?: typeof MediaSource;
  };
  return managed ?? plain;
}

/** Whether a `<video>` of this page plays H.264 from frames. */
export function playsFragments(): boolean {
  const source = mediaSource();
  return source !== undefined && PROBES.every((codec) => source.isTypeSupported(mimeType(codec)));
}

/** The type of our fragments. */
export function mimeType(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

/** What the browser decodes, found out codec by codec: until it has answered, a codec counts as one that it does not. */
export class BrowserSupport implements Support {
  /** By codec; `undefined` while the browser is being asked. */
  readonly #answers = new Map<string, boolean | undefined>();
  readonly #learned: () => void;

  /** `learned` is called when an answer has come. */
  constructor(learned: () => void) {
    this.#learned = learned;
  }

  /** Whether it is not known yet what WebCodecs does with `codec`. */
  unknown(codec: string): boolean {
    // It needs a secure context: on plain http it is there on localhost only.
    if (codec === "jpeg" || typeof VideoDecoder !== "function") return false;
    if (!this.#answers.has(codec)) this.#ask(codec);
    return this.#answers.get(codec) === undefined;
  }

  /** Whether WebCodecs decodes it. */
  webcodecs(codec: string): boolean {
    return !this.unknown(codec) && this.#answers.get(codec) === true;
  }

  /** Whether our fragments can carry it. Whether the page can play them, the page knows. */
  mse(codec: string): boolean {
    return codec.startsWith("avc1.");
  }

  #ask(codec: string): void {
    this.#answers.set(codec, undefined);
    const learn = (supported: boolean): void => {
      this.#answers.set(codec, supported);
      this.#learned();
    };
    VideoDecoder.isConfigSupported({ codec, optimizeForLatency: true }).then(
      ({ supported }) => learn(supported === true),
      // No codec at all.
      () => learn(false),
    );
  }
}
