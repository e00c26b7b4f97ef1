import { randomBytes } from "node:crypto";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { distance, Rate } from "../../flow/index.ts";
import { type Frame, now } from "../../protocol/index.ts";
import { multipartForm, pieces, type StreamForm } from "../picture-stream.ts";
import type { Shown } from "../placeholder/placeholders.ts";
import { COMMON_BOUNDARY, partHead, seconds } from "./mjpg-streamer.ts";
import type { StreamQuery } from "./ustreamer.ts";

/** Characters of the name that a client may give itself; kvmd's are 32. It comes back in a cookie and in `/state`. */
const MAX_KEY_CHARACTERS = 64;

/** What parts look like that are made once for all clients; only the headers of the answer differ. */
const SHARED = multipartForm({ boundary: COMMON_BOUNDARY, headers: {}, head: partHead });

/** What a client of `/stream` asked for, and how it does, as `/state` tells it. */
interface ClientState {
  readonly fps: number;
  readonly extra_headers: boolean;
  readonly advance_headers: boolean;
  readonly dual_final_frames: boolean;
  readonly zero_data: boolean;
  readonly key: string;
}

/** The clients of `/stream` at this process, by camera. */
export class StreamClients {
  readonly #inside = new Map<string, Set<StreamClient>>();

  /** One comes. `size` is that of the picture now. */
  enter(
    camera: string,
    query: StreamQuery,
    size: () => { readonly width: number; readonly height: number },
  ): StreamClient {
    const client = new StreamClient(camera, query, size);
    const inside = this.#inside.get(camera) ?? new Set();
    this.#inside.set(camera, inside.add(client));
    return client;
  }

  /** One leaves. May be called twice. */
  leave(client: StreamClient): void {
    const inside = this.#inside.get(client.camera);
    inside?.delete(client);
    if (inside?.size === 0) this.#inside.delete(client.camera);
  }

  /** Those who are here, by their id. */
  state(camera: string): Record<string, ClientState> {
    const inside = [...(this.#inside.get(camera) ?? [])];
    return Object.fromEntries(inside.map((client) => [client.id, client.state]));
  }
}

/** One client of `/stream`, with headers of its own where it asked for them. */
export class StreamClient {
  /** Its camera. */
  readonly camera: string;
  /** Made up here. */
  readonly id: string = randomBytes(8).toString("hex");
  readonly #key: string;
  readonly #extra: boolean;
  readonly #advance: boolean;
  readonly #dual: boolean;
  readonly #zero: boolean;
  readonly #size: () => { readonly width: number; readonly height: number };
  readonly #rate = new Rate();
  #last: { readonly sequence: number; readonly track: number } | undefined;
  #dropped = 0;

  constructor(
    camera: string,
    query: StreamQuery,
    size: () => { readonly width: number; readonly height: number },
  ) {
    this.camera = camera;
    this.#key = (query.key ?? "").slice(0, MAX_KEY_CHARACTERS);
    this.#extra = isOn(query.extra_headers);
    this.#advance = isOn(query.advance_headers);
    this.#dual = isOn(query.dual_final_frames);
    this.#zero = isOn(query.zero_data);
    this.#size = size;
  }

  /** What it finds itself by in {@link state}: its key and its id. */
  get cookie(): string {
    return `${encodeURIComponent(this.#key === "" ? "0" : this.#key)}/${this.id}`;
  }

  /** What it asked for, and how it does. */
  get state(): ClientState {
    return {
      fps: Math.round(this.#rate.perSecond(performance.now())),
      extra_headers: this.#extra,
      advance_headers: this.#advance,
      dual_final_frames: this.#dual,
      zero_data: this.#zero,
      key: this.#key === "" ? "0" : this.#key,
    };
  }

  /** Its stream. */
  form(headers: OutgoingHttpHeaders): StreamForm {
    const own = this.#extra || this.#advance || this.#zero;
    return {
      headers,
      start: this.#advance ? `--${COMMON_BOUNDARY}\r\n${advanced()}\r\n` : `--${COMMON_BOUNDARY}\r\n`,
      send: (frame, response) => {
        this.#count(frame);
        if (own) this.#send(frame.payload, frame, response);
        else SHARED.send(frame, response);
      },
      stand: (shown: Shown, response) => {
        if (own) this.#send(shown.jpeg, undefined, response);
        else SHARED.stand(shown, response);
      },
    };
  }

  #count({ sequence, track }: Frame.Frame): void {
    if (this.#last?.track === track)
      this.#dropped += Math.max(0, distance(sequence, this.#last.sequence) - 1);
    this.#last = { sequence, track };
    this.#rate.add(performance.now());
  }

  #send(picture: Uint8Array, frame: Frame.Frame | undefined, response: ServerResponse): void {
    const payload = this.#zero ? new Uint8Array() : picture;
    const at = frame?.capturedAt ?? now();
    const head = `${partHead({ payload, capturedAt: at })}${this.#extra ? this.#extraHeaders(frame) : ""}`;
    // The headers of the next part are there already: they cannot tell its length, and its time is this one's.
    const whole = this.#advance
      ? [payload, Buffer.from(`\r\n--${COMMON_BOUNDARY}\r\n${advanced(at)}\r\n`)]
      : pieces(head, payload, COMMON_BOUNDARY);
    response.cork();
    for (const piece of whole) response.write(piece);
    response.uncork();
  }

  #extraHeaders(frame: Frame.Frame | undefined): string {
    const { width, height } = this.#size();
    const sentAt = now();
    const facts: [string, string | number | boolean][] = [
      ["Online", frame !== undefined],
      ["Dropped", this.#dropped],
      ["Width", width],
      ["Height", height],
      ["Client-FPS", Math.round(this.#rate.perSecond(performance.now()))],
    ];
    if (frame !== undefined) {
      facts.push(
        ["Grab-Begin-Time", seconds(frame.capturedAt)],
        ["Grab-End-Time", seconds(frame.capturedAt)],
        ["Send-Time", seconds(sentAt)],
        ["Latency", seconds(Math.max(0, sentAt - frame.capturedAt))],
      );
    }
    return facts.map(([name, value]) => `X-UStreamer-${name}: ${value}\r\n`).join("");
  }
}

function isOn(text: string | undefined): boolean {
  return text === "1" || text === "true" || text === "yes";
}

/** The headers of a part whose picture is not there yet. */
function advanced(at: number = now()): string {
  return `Content-Type: image/jpeg\r\nX-Timestamp: ${seconds(at)}\r\n`;
}
