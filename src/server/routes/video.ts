import type { ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Bus, Subscription } from "../../bus/index.ts";
import { type ParameterSets, parameterSets, sameParameterSets } from "../../codec/index.ts";
import { Reader } from "../../flow/index.ts";
import { type CameraInfo, type Frame, hasFailed, Limits, type TrackInfo } from "../../protocol/index.ts";
import { isOver, whenOver } from "../answer.ts";
import { mp4Data, mp4FragmentHead, mp4Head } from "../container/mp4.ts";
import { Presentation } from "../container/presentation.ts";
import { TransportStream } from "../container/transport-stream.ts";
import { FrameBytes } from "../frame-bytes.ts";
import { LIVE_HEADERS } from "../live-headers.ts";
import type { ReaderCount } from "../reader-count.ts";
import { unknownCamera } from "./cameras.ts";
import { unknownTrack } from "./picture-track.ts";
import { unavailable } from "./snapshot.ts";

/** Milliseconds that a reader waits for the first keyframe before it is answered 503. */
const FIRST_KEYFRAME_TIMEOUT_MS = 10_000;

/** Codec strings of H.264, parameter sets outside or inside. */
const H264 = /^avc[13]\./i;

/** One reader's frames in a container. */
interface Container {
  /** The bytes of a frame, in pieces; the first one ever is a keyframe. `undefined`: the stream cannot go on with it. */
  put(frame: Frame.Frame): readonly Buffer[] | undefined;

  /** The present GOP comes again, from this keyframe on; what was put already is not put again. */
  again(keyframe: Frame.Frame): void;
}

/** A form in which H.264 is given to programs. */
interface Form {
  readonly file: string;
  readonly type: string;
  /** A container for one reader of a track. */
  open(track: TrackInfo): Container;
}

/**
 * `/cameras/ID/stream.mp4` and `/cameras/ID/stream.ts`: H.264 for everything that plays it over HTTP, from the newest
 * keyframe on. With `?track=NAME` another track of the camera than the first in H.264.
 */
export function videoRoutes(app: FastifyInstance, bus: Bus, readers: ReaderCount): void {
  for (const form of [mp4Form(), transportStreamForm()]) videoRoute(app, bus, readers, form);
}

function videoRoute(app: FastifyInstance, bus: Bus, readers: ReaderCount, form: Form): void {
  const headers = {
    "Content-Type": form.type,
    ...LIVE_HEADERS,
    "Accept-Ranges": "none",
    "Cross-Origin-Resource-Policy": "same-site",
    "X-Content-Type-Options": "nosniff",
  };

  app.get<{ Params: { id: string }; Querystring: { track?: string } }>(
    `/cameras/:id/${form.file}`,
    { config: { need: "view", pictures: true } },
    async (request, reply) => {
      const camera = bus.camera(request.params.id);
      if (camera === undefined) return unknownCamera(reply);
      const track = findTrack(camera, request.query.track);
      if (track === undefined) return unknownTrack(reply, "H.264");
      if (hasFailed(camera)) return unavailable(reply, camera.reason ?? "the camera is gone");
      if (request.method === "HEAD") return reply.headers(headers).send();
      if (!readers.enter(reply.raw))
        return unavailable(reply, `${Limits.MAX_HTTP_READERS} readers are here already`);
      const watch = new Watch(bus, camera.id, track.name);
      whenOver(reply.raw, () => watch.close());
      if (!(await watch.keyframe())) {
        watch.close();
        return unavailable(reply, bus.camera(camera.id)?.reason ?? NO_KEYFRAME);
      }
      reply.hijack();
      reply.raw.writeHead(200, headers);
      stream(watch, form.open(track), reply.raw);
      return reply;
    },
  );
}

const NO_KEYFRAME = `no keyframe came within ${FIRST_KEYFRAME_TIMEOUT_MS / 1000} s`;

function findTrack({ tracks }: CameraInfo, name: string | undefined): TrackInfo | undefined {
  return tracks.find((track) => H264.test(track.codec) && (name === undefined || track.name === name));
}

/** A subscription that can be waited on, and then be heard. */
class Watch {
  readonly subscription: Subscription;
  readonly #left = new AbortController();
  readonly #gone: () => void;
  #heard = (): void => {};
  #restarted = (): void => {};

  constructor(bus: Bus, camera: string, track: string) {
    this.#gone = bus.follow((id, now) => {
      if (id === camera && (now === undefined || hasFailed(now))) this.#left.abort();
    });
    this.subscription = bus.subscribe(camera, track, {
      frame: () => this.#heard(),
      renumbered: () => this.#restarted(),
    });
  }

  /** Whether there is a keyframe to begin with: true as soon as there is, false when it is not worth waiting any longer. */
  async keyframe(): Promise<boolean> {
    const limit = AbortSignal.any([this.#left.signal, AbortSignal.timeout(FIRST_KEYFRAME_TIMEOUT_MS)]);
    const found = await new Promise<boolean>((resolve) => {
      this.#heard = () => {
        if (this.subscription.after(undefined) !== undefined) resolve(true);
        // There are frames, but none to begin with.
        else if (this.subscription.newest !== undefined) this.subscription.wantKeyframe();
      };
      limit.addEventListener("abort", () => resolve(false), { once: true });
      if (limit.aborted) resolve(false);
      this.#heard();
    });
    this.#gone();
    return found;
  }

  /** Call `frame` when there may be one to take, `restarted` when the track begins anew. */
  hear(frame: () => void, restarted: () => void): void {
    this.#heard = frame;
    this.#restarted = restarted;
  }

  /** No more. May be called twice. */
  close(): void {
    this.#gone();
    this.#left.abort();
    this.subscription.close();
  }
}

/**
 * Feed one reader until it leaves, or until the stream cannot go on: then the response ends, and a reader that connects
 * again gets the new one. The socket sets the pace: a frame is picked when those before have left this process. A reader
 * that is too slow misses frames up to a keyframe; the times of what it gets say so.
 */
function stream(watch: Watch, container: Container, response: ServerResponse): void {
  const { subscription } = watch;
  const reader = new Reader({ skipsDiscardable: true });
  let newest = Number.NEGATIVE_INFINITY;
  let keyframeAt = Number.NEGATIVE_INFINITY;
  let repeating = false;
  const end = (): void => {
    watch.close();
    response.end();
  };
  const pump = (): void => {
    while (!response.writableNeedDrain && !response.writableEnded && !isOver(response)) {
      const frame = reader.next(subscription);
      if (frame === undefined) {
        if (reader.starving) subscription.wantKeyframe();
        return;
      }
      // A recorder whose track was not wanted for a while gives the present GOP from its beginning: this reader has that.
      if (frame.keyframe && frame.capturedAt === keyframeAt) {
        repeating = true;
        container.again(frame);
      }
      if (repeating && frame.capturedAt <= newest) continue;
      repeating = false;
      // A recorder's clock was set back: no player goes on with a time that it has passed.
      const pieces = frame.capturedAt > newest ? container.put(frame) : undefined;
      if (pieces === undefined) return end();
      newest = frame.capturedAt;
      if (frame.keyframe) keyframeAt = newest;
      for (const piece of pieces) response.write(piece);
    }
  };
  watch.hear(pump, end);
  response.on("drain", pump);
  response.on("error", () => watch.close());
  pump();
}

/** The data of a frame is shared by all readers. The stream ends where the picture's size or coding changes. */
function mp4Form(): Form {
  const shared = new FrameBytes(mp4Data);
  return { file: "stream.mp4", type: "video/mp4", open: ({ rate }) => new Mp4Stream(shared, rate) };
}

class Mp4Stream implements Container {
  readonly #shared: FrameBytes;
  readonly #rate: number | undefined;
  readonly #presentation: Presentation;
  #sets: ParameterSets | undefined;
  #begun = 0;
  #fragments = 0;

  constructor(shared: FrameBytes, rate: number | undefined) {
    this.#shared = shared;
    this.#rate = rate;
    this.#presentation = new Presentation(rate);
  }

  again(keyframe: Frame.Frame): void {
    this.#presentation.again(keyframe);
  }

  put(frame: Frame.Frame): readonly Buffer[] | undefined {
    const head: Buffer[] = [];
    if (frame.keyframe) {
      const sets = parameterSets(frame.payload);
      if (sets === undefined || (this.#sets !== undefined && !sameParameterSets(this.#sets, sets)))
        return undefined;
      if (this.#sets === undefined) {
        this.#sets = sets;
        this.#begun = frame.capturedAt;
        head.push(mp4Head(sets, this.#rate));
      }
    }
    const data = this.#shared.of(frame);
    this.#fragments++;
    const micros = frame.capturedAt - this.#begun;
    const laterMicros = this.#presentation.at(frame) - frame.capturedAt;
    const facts = { number: this.#fragments, micros, laterMicros, dataBytes: data.length };
    return [...head, mp4FragmentHead(frame, facts), data];
  }
}

/** What changes in the picture is said inside the stream, so only a new run of the recorder ends it. */
function transportStreamForm(): Form {
  return {
    file: "stream.ts",
    type: "video/mp2t",
    open: ({ rate }) => {
      const packets = new TransportStream();
      const presentation = new Presentation(rate);
      return {
        put: (frame) => [packets.packets(frame, presentation.at(frame))],
        again: (keyframe) => presentation.again(keyframe),
      };
    },
  };
}
