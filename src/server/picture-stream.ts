import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Bus } from "../bus/index.ts";
import { distance } from "../flow/index.ts";
import type { CameraState, Frame } from "../protocol/index.ts";
import { isOver, whenOver } from "./answer.ts";
import { FrameBytes } from "./frame-bytes.ts";
import type { Placeholders, Shown } from "./placeholder/placeholders.ts";

/** How a stream of pictures over HTTP looks. Several readers may share one. */
export interface StreamForm {
  /** Of the answer. */
  readonly headers: OutgoingHttpHeaders;
  /** What stands before the first picture. */
  readonly start: string;
  /** Write a picture, with all that makes a reader show it at once. */
  send(frame: Frame.Frame, response: ServerResponse): void;
  /** Write a picture that stands for the camera's own. */
  stand(shown: Shown, response: ServerResponse): void;
}

/** A picture in a stream: one of the camera, or one that stands for it. */
export type Part = Pick<Frame.Frame, "payload"> & Partial<Frame.Frame> & { readonly state?: CameraState };

/**
 * A stream of parts (`multipart/x-mixed-replace`), each made once for all readers. The boundary stands behind the picture,
 * not before it: a reader shows a part when it sees where it ends. `head` gives the headers of a part, each line ended.
 */
export function multipartForm({
  boundary,
  headers,
  head,
}: {
  readonly boundary: string;
  readonly headers: OutgoingHttpHeaders;
  readonly head: (part: Part) => string;
}): StreamForm {
  const make = (part: Part): Buffer => Buffer.concat(pieces(head(part), part.payload, boundary));
  const parts = new FrameBytes(make);
  const standing = new WeakMap<Shown, Buffer>();
  return {
    headers,
    start: `--${boundary}\r\n`,
    send: (frame, response) => response.write(parts.of(frame)),
    stand: (shown, response) => {
      const bytes = standing.get(shown) ?? make({ payload: shown.jpeg, state: shown.state });
      standing.set(shown, bytes);
      response.write(bytes);
    },
  };
}

/** A part in pieces: its headers, the picture as it is, and the boundary behind it. */
export function pieces(head: string, picture: Uint8Array, boundary: string): Uint8Array[] {
  return [Buffer.from(`${head}\r\n`), picture, Buffer.from(`\r\n--${boundary}\r\n`)];
}

/** A track whose pictures are streamed. */
export interface StreamSource {
  readonly camera: string;
  readonly track: string;
}

/**
 * Feed one reader until it leaves. It has no way to say when it has painted, so the socket sets the pace: a frame is
 * picked when the one before has left this process. What the kernel holds for a slow reader is beyond our reach.
 */
export function streamPictures(
  bus: Bus,
  { camera, track }: StreamSource,
  form: StreamForm,
  response: ServerResponse,
): void {
  // Parts end where the next boundary starts; chunked encoding around them would only be in the way.
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, form.headers);
  response.write(form.start);
  let lastSent: number | undefined;
  const pump = (): void => {
    if (response.writableNeedDrain || isOver(response)) return;
    const frame = subscription.after(lastSent);
    if (frame === undefined) return;
    if (lastSent !== undefined) subscription.skip(Math.max(0, distance(frame.sequence, lastSent) - 1));
    lastSent = frame.sequence;
    form.send(frame, response);
  };
  const subscription = bus.subscribe(camera, track, {
    frame: pump,
    renumbered: () => {
      lastSent = undefined;
    },
  });
  response.on("drain", pump);
  whenOver(response, () => subscription.close());
  response.on("error", () => subscription.close());
  pump();
}

/** Show one reader that the camera has failed, as often as its socket takes it. */
export function showFailure(
  camera: string,
  placeholders: Placeholders,
  form: StreamForm,
  response: ServerResponse,
): void {
  const stop = placeholders.follow(camera, (shown) => {
    if (!response.writableNeedDrain && !isOver(response)) form.stand(shown, response);
  });
  whenOver(response, stop);
}
