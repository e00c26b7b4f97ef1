import { now } from "../protocol/index.ts";
import type { Presented } from "./pipeline.ts";
import { mediaSource, mimeType } from "./support.ts";
import type { Segment } from "./surface.ts";

/** Behind the live edge by more than this, a video jumps. */
const JUMP_S = 0.5;

/** Behind by more than this it plays faster; ahead of the edge by more, slower. */
const DRIFT_S = 0.04;

/** How much faster, per second behind; and the fastest and slowest. */
const HASTE = 2;
const FASTEST = 1.5;
const SLOWEST = 0.8;

/** Time between two jumps: each decodes from the keyframe on. One to a keyframe that came meanwhile spares what is before that. */
const JUMP_EVERY_MS = 1_500;
const JUMP_TO_KEYFRAME_EVERY_MS = 500;

/** While the live edge moves this much faster than time, a burst is coming in, and there is a better place to jump to soon. */
const BURST_SPEED = 3;

/** From the last frame of a stream to the first of the next: less than what a browser takes for a hole. */
const NEXT_S = 1 / 30;

/** How often the place on the timeline is looked at. */
const LOOK_EVERY_MS = 100;

/** Past frames that stay: nobody looks back. */
const KEEP_S = 2;

/** Bytes that wait for the video; more, and it has stopped to take any. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** What a {@link Screen} tells. */
export interface ScreenEvents {
  /** A frame is on the screen. */
  presented(shown: Presented): void;
  /** The browser does not let it play, or does again: a phone that saves power waits for a touch. */
  held(isHeld: boolean): void;
  /** It cannot go on; nothing more is told. */
  trouble(reason: string): void;
}

/** Plays segments in a `<video>`, at the live edge. */
export class Screen {
  readonly #video: HTMLVideoElement;
  readonly #events: ScreenEvents;
  readonly #source: MediaSource;
  readonly #lifetime = new AbortController();
  readonly #waiting: Segment[] = [];
  readonly #url: string;
  readonly #timer: ReturnType<typeof setInterval>;
  #buffer: SourceBuffer | undefined;
  #codec = "";
  #waitingBytes = 0;
  #edgeS = 0;
  /** The stream that is played, where it begins on the timeline, and what lies between that and its own. */
  #stream = 0;
  #beginsS = 0;
  #offsetS = 0;
  #keyframesS: number[] = [];
  #lookedAtMs = 0;
  #lookedEdgeS = 0;
  #jumpedAtMs = Number.NEGATIVE_INFINITY;
  #counted = 0;
  #held = false;

  constructor(video: HTMLVideoElement, events: ScreenEvents) {
    const Source = mediaSource();
    if (Source === undefined) throw new Error("this browser has no Media Source Extensions");
    this.#video = video;
    this.#events = events;
    this.#source = new Source();
    this.#url = URL.createObjectURL(this.#source);
    const { signal } = this.#lifetime;
    this.#source.addEventListener("sourceopen", () => this.#feed(), { signal });
    video.addEventListener("error", () => this.#fail(video.error?.message || "the video cannot be played"), {
      signal,
    });
    video.muted = true;
    video.autoplay = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    video.src = this.#url;
    this.#play();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#observe();
  }

  /** Play `segment` next. */
  put(segment: Segment): void {
    this.#waiting.push(segment);
    this.#waitingBytes += segment.bytes.byteLength;
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#fail("the video takes no more frames");
    else this.#feed();
  }

  /** Play no more. */
  close(): void {
    if (this.#lifetime.signal.aborted) return;
    this.#lifetime.abort();
    clearInterval(this.#timer);
    this.#waiting.length = 0;
    this.#video.removeAttribute("src");
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #feed(): void {
    if (
      this.#lifetime.signal.aborted ||
      this.#source.readyState !== "open" ||
      this.#buffer?.updating === true
    )
      return;
    const segment = this.#waiting[0];
    if (segment === undefined) return;
    try {
      this.#prepare(segment);
      this.#buffer?.appendBuffer(segment.bytes);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "QuotaExceededError" && this.#trim(0))) {
        this.#fail(String(error));
      }
      return;
    }
    this.#waiting.shift();
    this.#waitingBytes -= segment.bytes.byteLength;
    this.#edgeS = segment.timeS + this.#offsetS;
    if (segment.keyframe) this.#keyframesS.push(this.#edgeS);
  }

  #prepare(segment: Segment): void {
    this.#typify(segment.codec);
    if (segment.stream === this.#stream) return;
    // Another stream goes on where the last one ends.
    if (this.#stream !== 0) {
      this.#beginsS = this.#edgeS + NEXT_S;
      this.#offsetS = this.#beginsS - segment.timeS;
      if (this.#buffer !== undefined) this.#buffer.timestampOffset = this.#offsetS;
    }
    this.#stream = segment.stream;
  }

  #typify(codec: string | undefined): void {
    if (codec === undefined || codec === this.#codec) return;
    this.#codec = codec;
    if (this.#buffer !== undefined) {
      // A stream of another profile goes on in the same buffer.
      this.#buffer.changeType?.(mimeType(codec));
      return;
    }
    const { signal } = this.#lifetime;
    this.#source.duration = Number.POSITIVE_INFINITY;
    this.#buffer = this.#source.addSourceBuffer(mimeType(codec));
    this.#buffer.addEventListener("updateend", () => this.#feed(), { signal });
  }

  #look(): void {
    const video = this.#video;
    if (video.paused !== this.#held) {
      this.#held = video.paused;
      this.#events.held(this.#held);
    }
    if (video.paused) this.#play();
    if (this.#buffer === undefined || video.readyState < HTMLMediaElement.HAVE_METADATA) return;
    if (!this.#buffer.updating) this.#trim(KEEP_S);
    const behindS = this.#edgeS - video.currentTime;
    const nowMs = performance.now();
    const burst = (this.#edgeS - this.#lookedEdgeS) * 1000 > (nowMs - this.#lookedAtMs) * BURST_SPEED;
    this.#lookedAtMs = nowMs;
    this.#lookedEdgeS = this.#edgeS;
    if (Math.abs(behindS) > JUMP_S && !burst && this.#mayJump(nowMs)) {
      this.#jumpedAtMs = nowMs;
      video.playbackRate = 1;
      video.currentTime = this.#edgeS;
      return;
    }
    if (video.seeking) return;
    const rate = Math.abs(behindS) < DRIFT_S ? 1 : 1 + behindS * HASTE;
    video.playbackRate = Math.min(FASTEST, Math.max(SLOWEST, rate));
  }

  // A decoder that is too slow is still on its way to where the last jump went when a keyframe comes behind that.
  #mayJump(nowMs: number): boolean {
    const waitedMs = nowMs - this.#jumpedAtMs;
    if ((this.#keyframesS.at(-1) ?? 0) > this.#video.currentTime) return waitedMs > JUMP_TO_KEYFRAME_EVERY_MS;
    return waitedMs > JUMP_EVERY_MS && !this.#video.seeking;
  }

  // What is before the keyframe of the picture on the screen is of no use any more. Whether there was anything.
  #trim(keepS: number): boolean {
    const untilS = this.#video.currentTime - keepS;
    const past = this.#keyframesS.filter((timeS) => timeS <= untilS);
    const keyframeS = past.at(-1);
    if (keyframeS === undefined || past.length < 2) return false;
    this.#keyframesS = this.#keyframesS.filter((timeS) => timeS >= keyframeS);
    this.#buffer?.remove(0, keyframeS);
    return true;
  }

  #play(): void {
    // Refused: the page is not allowed to play yet. It is tried again.
    this.#video.play().catch(() => undefined);
  }

  #observe(): void {
    const video = this.#video;
    if ("requestVideoFrameCallback" in video) {
      const hear: VideoFrameRequestCallback = (nowMs, { mediaTime, presentationTime, width, height }) => {
        if (this.#lifetime.signal.aborted) return;
        const sinceMs = Math.max(0, performance.now() - (presentationTime ?? nowMs));
        this.#present(mediaTime, now() - sinceMs * 1000, width, height);
        video.requestVideoFrameCallback(hear);
      };
      video.requestVideoFrameCallback(hear);
      return;
    }
    // As good as a clock can tell.
    const poll = (): void => {
      if (this.#lifetime.signal.aborted) return;
      const element: HTMLVideoElement = this.#video;
      const { totalVideoFrames } = element.getVideoPlaybackQuality();
      if (totalVideoFrames !== this.#counted) {
        this.#counted = totalVideoFrames;
        const { currentTime, videoWidth: width, videoHeight: height } = element;
        this.#present(currentTime, now(), width, height);
      }
      requestAnimationFrame(poll);
    };
    requestAnimationFrame(poll);
  }

  #present(timeS: number, at: number, width: number, height: number): void {
    // What is left of the stream before is nobody's.
    if (timeS < this.#beginsS - NEXT_S / 2) return;
    this.#events.presented({ stream: this.#stream, timeS: timeS - this.#offsetS, at, width, height });
  }

  #fail(reason: string): void {
    if (this.#lifetime.signal.aborted) return;
    this.close();
    this.#events.trouble(reason);
  }
}
