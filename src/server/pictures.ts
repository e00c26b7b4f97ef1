import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Bus } from "../bus/index.ts";
import { type CameraInfo, type Frame, hasFailed, Limits } from "../protocol/index.ts";
import { whenOver } from "./answer.ts";
import { type StreamForm, showFailure, streamPictures } from "./picture-stream.ts";
import type { Placeholders } from "./placeholder/placeholders.ts";
import type { ReaderCount } from "./reader-count.ts";

/** What a request for one picture comes to. */
export type Taken =
  | { readonly kind: "frame"; readonly frame: Frame.Frame }
  /** The camera has failed: how it is, and a picture that says so. */
  | { readonly kind: "failed"; readonly camera: CameraInfo; readonly jpeg: Uint8Array }
  /** It cannot be had now, and why. */
  | { readonly kind: "none"; readonly reason: string };

const NO_PICTURE = `no picture came within ${Limits.SNAPSHOT_TIMEOUT_MS / 1000} s`;
const NO_PLACE = `${Limits.MAX_HTTP_READERS} readers are here already`;

/** Gives pictures over plain HTTP, one or a stream of them, whatever the address that asks for them. */
export class Pictures {
  readonly #bus: Bus;
  readonly #readers: ReaderCount;
  readonly #placeholders: Placeholders;

  constructor(bus: Bus, readers: ReaderCount, placeholders: Placeholders) {
    this.#bus = bus;
    this.#readers = readers;
    this.#placeholders = placeholders;
  }

  /** The newest picture, or another than that of the sequence `after`; waits for it as long as the reader of `response` stays. */
  async take(
    camera: CameraInfo,
    { track, after }: { readonly track: string; readonly after?: number | undefined },
    response: ServerResponse,
  ): Promise<Taken> {
    if (hasFailed(camera)) return this.#failed(camera);
    if (!this.#readers.enter(response)) return { kind: "none", reason: NO_PLACE };
    const left = new AbortController();
    whenOver(response, () => left.abort());
    const frame = await nextFrame(this.#bus, { camera: camera.id, track, after }, left.signal);
    if (frame !== undefined) return { kind: "frame", frame };
    const present = this.#bus.camera(camera.id);
    return present !== undefined && hasFailed(present)
      ? this.#failed(present)
      : { kind: "none", reason: NO_PICTURE };
  }

  /**
   * Answer with a stream that goes on until the reader leaves. With `strict` of a camera that has failed nothing comes; else
   * a picture that says so. Why not, if there is no place left.
   */
  stream(
    request: FastifyRequest,
    reply: FastifyReply,
    source: { readonly camera: string; readonly track: string },
    { form, strict }: { readonly form: StreamForm; readonly strict: boolean },
  ): string | undefined {
    if (!this.#readers.enter(reply.raw)) return NO_PLACE;
    reply.hijack();
    if (request.method === "HEAD") {
      reply.raw.writeHead(200, form.headers).end();
      return undefined;
    }
    streamPictures(this.#bus, source, form, reply.raw);
    if (!strict) showFailure(source.camera, this.#placeholders, form, reply.raw);
    return undefined;
  }

  #failed(camera: CameraInfo): Taken {
    return { kind: "failed", camera, jpeg: this.#placeholders.jpeg(camera) };
  }
}

/** The frame after `after` as soon as there is one; `undefined` if the reader leaves or waits for too long. */
async function nextFrame(
  bus: Bus,
  {
    camera,
    track,
    after,
  }: { readonly camera: string; readonly track: string; readonly after: number | undefined },
  signal: AbortSignal,
): Promise<Frame.Frame | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(Limits.SNAPSHOT_TIMEOUT_MS)]);
  let look = (): void => {};
  const subscription = bus.subscribe(camera, track, { frame: () => look(), renumbered: () => {} });
  try {
    return await new Promise((resolve) => {
      look = () => {
        const frame = subscription.after(after);
        // What was taken while the exposure settled is too dark or too bright.
        const settledAt = bus.camera(camera)?.settledAt ?? 0;
        if (frame !== undefined && frame.capturedAt >= settledAt) resolve(frame);
      };
      limit.addEventListener("abort", () => resolve(undefined), { once: true });
      if (limit.aborted) resolve(undefined);
      look();
    });
  } finally {
    subscription.close();
  }
}
