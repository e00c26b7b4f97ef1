import { once } from "node:events";
import type { Bus } from "../bus/index.ts";
import { Conversation } from "../dial/web-socket.ts";
import { Backoff, ClockOffset } from "../flow/index.ts";
import {
  Ack,
  type CameraInfo,
  Control,
  Frame,
  Limits,
  micros,
  now,
  ProtocolError,
} from "../protocol/index.ts";
import { systemReason } from "../system/system-reason.ts";
import { Places } from "./places.ts";
import { RelayCamera } from "./relay-camera.ts";

/** Delays between attempts to reach the source. */
const RECONNECT = { firstMs: 250, maxMs: 2000 } as const;

/** How often the source is asked for the time; the answers also prove that it is there. */
const TIME_EVERY_MS = 1000;

/** The first questions follow each other quickly, so that the first ages told are good ones. */
const FIRST_QUESTIONS = 4;
const FIRST_EVERY_MS = 100;

/** An acknowledgement takes the question along once it is due soon. */
const EARLY_MS = 750;

/** Silence after which the source counts as dead. */
const SILENCE_MS = 4000;

/** Milliseconds that the source may be away before its cameras are told to be gone. */
const GRACE_MS = 1500;

/** What a relay takes from where, and puts where. */
export interface RelayOptions {
  /** The source's WebSocket: `wss://HOST/ws`. */
  readonly url: string;
  /** How it is called in sentences: without its token. */
  readonly label: string;
  readonly token: string | undefined;
  /** Ids there by ids here; absent for all of them, under their own. */
  readonly cameras: ReadonlyMap<string, string> | undefined;
  readonly bus: Bus;
  /** Names the hub that it puts cameras on. */
  readonly hub: string;
  readonly log: RelayLog;
  readonly signal: AbortSignal;
}

/** Where a relay tells how it does. */
export interface RelayLog {
  info(message: string): void;
  warn(message: string): void;
}

/** A relay cannot do what it is asked to. The message is one sentence for the user. */
export class RelayError extends Error {
  override readonly name = "RelayError";
}

/**
 * Takes another server's cameras over the full protocol and puts them on a bus, as a viewer that hands on. It connects again and
 * again, until `signal`; a source that is this very hub is refused.
 * @throws RelayError
 */
export async function relay(options: RelayOptions): Promise<void> {
  const run = new Relay(options);
  await run.stopped;
}

class Relay {
  readonly stopped: Promise<void>;
  readonly #options: RelayOptions;
  readonly #clock = new ClockOffset();
  readonly #backoff = new Backoff(RECONNECT);
  readonly #cameras = new Map<string, RelayCamera>();
  readonly #said = new Set<string>();
  /** One track more, and the source closes the connection, which all others would lose with it. */
  readonly #places = new Places(Limits.MAX_WATCHES, () => {
    const { label } = this.#options;
    this.#warn(
      `${Limits.MAX_WATCHES} tracks are taken from ${label}, as many as it gives on one connection; those beyond wait until one is left`,
    );
  });
  #conversation: Conversation | undefined;
  #hub = "";
  #questions = 0;
  #heardAtMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #lostReason: string | undefined;
  #fail: (error: RelayError) => void = () => {};

  constructor(options: RelayOptions) {
    this.#options = options;
    const { signal } = options;
    const failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    const over = signal.aborted ? Promise.resolve() : once(signal, "abort");
    this.stopped = Promise.race([over, failed]).then(
      () => this.#close(),
      (error: unknown) => {
        this.#close();
        throw error;
      },
    );
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const { url, token, signal } = this.#options;
    if (signal.aborted) return;
    let hasEnded = false;
    const ended = (reason: string): void => {
      if (hasEnded) return;
      hasEnded = true;
      this.#lost(reason);
    };
    try {
      const conversation = await Conversation.open(
        url,
        { protocol: Control.SUBPROTOCOL, token, timeoutMs: SILENCE_MS, maxBytes: Limits.MAX_FRAME_BYTES },
        {
          text: (text) => this.#take(() => this.#obey(Control.decode(text))),
          binary: (bytes) => this.#take(() => this.#frame(Frame.decode(bytes))),
          ended,
        },
      );
      if (hasEnded) return;
      this.#conversation = conversation;
      this.#heardAtMs = performance.now();
      this.#tell({ type: "hello", version: Control.PROTOCOL_VERSION, hub: this.#options.hub });
      this.#tell({ type: "list" });
      this.#questions = 0;
      this.#clock.clear();
      this.#ask();
      if (signal.aborted) this.#close();
    } catch (error) {
      const refusal = this.#refusal(error);
      if (refusal !== undefined && this.#hub === "") this.#fail(new RelayError(refusal));
      ended(systemReason(error));
    }
  }

  /** Why the source does not let this program in, if that is what happened. */
  #refusal(error: unknown): string | undefined {
    if (!(error instanceof Error)) return undefined;
    const { label } = this.#options;
    const { code = "" } = error as NodeJS.ErrnoException;
    if (/response: 40[13]/.test(error.message)) {
      return `${label} refuses this program: expected its token, as ?token=TOKEN or in HELLO_UPSTREAM_TOKEN`;
    }
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
      return `${label} has a certificate that is not trusted (${code}): expected who signed it in NODE_EXTRA_CA_CERTS`;
    }
    return undefined;
  }

  /** Whatever breaks a rule costs the source this connection. */
  #take(read: () => void): void {
    this.#heardAtMs = performance.now();
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#conversation?.close();
      this.#lost(error.message);
    }
  }

  #obey(message: Control.Control): void {
    switch (message.type) {
      case "hello":
        this.#greeted(message);
        return;
      case "cameras": {
        const listed = new Set(message.cameras.map(({ id }) => id));
        for (const camera of message.cameras) this.#put(camera);
        for (const id of this.#cameras.keys()) if (!listed.has(id)) this.#remove(id);
        return;
      }
      case "camera":
        this.#put(message.camera);
        return;
      case "removed":
        this.#remove(message.camera);
        return;
      case "watching":
        this.#cameras.get(message.camera)?.number(message.track, message.number);
        return;
      case "time":
        if (message.at !== undefined) this.#clock.add(micros(message.sent), message.at, now());
        return;
      default:
        return;
    }
  }

  #greeted({ version, hub }: Control.Hello): void {
    const { label } = this.#options;
    if (version !== Control.PROTOCOL_VERSION) {
      throw new ProtocolError("HW_VERSION", `it speaks version ${version}, not ${Control.PROTOCOL_VERSION}`);
    }
    if (hub === this.#options.hub) {
      this.#fail(new RelayError(`${label} is this relay itself: expected another server`));
      return;
    }
    clearTimeout(this.#grace);
    this.#backoff.reset();
    this.#lostReason = undefined;
    // A server of an earlier version has no name; frames that come through it can still not come through here twice.
    this.#hub = hub ?? "unknown";
    this.#options.log.info(`connected to ${label}`);
  }

  #put(camera: CameraInfo): void {
    const here = this.#idHere(camera.id);
    if (here === undefined) return;
    const known = this.#cameras.get(camera.id);
    const trouble = this.#trouble(camera);
    if (trouble !== undefined) {
      this.#warn(`${here}: ${trouble}`);
      this.#remove(camera.id);
    } else if (known !== undefined) {
      known.update(camera, this.#hub);
    } else {
      const { bus } = this.#options;
      const relayed = new RelayCamera(camera, this.#hub, {
        bus,
        id: here,
        clock: this.#clock,
        places: this.#places,
        tell: (message) => this.#tell(message),
        events: {
          acknowledge: (ack) => this.#acknowledge(ack),
          roundTripMs: () => this.#clock.wayMs,
        },
        refused: (reason) => this.#warn(`${here}: ${reason}; trying again until it works`),
      });
      this.#cameras.set(camera.id, relayed);
    }
  }

  /** Why a camera is not taken: its frames have been here, or come from where they have been already. */
  #trouble({ hops = [] }: CameraInfo): string | undefined {
    const through = new Set(hops.map(({ hub }) => hub));
    if (through.has(this.#options.hub)) return "its frames come from this relay itself; a loop is refused";
    if (this.#hub !== "unknown" && through.has(this.#hub)) {
      return "its frames have come through that server twice; a loop is refused";
    }
    if (hops.length >= Limits.MAX_HOPS)
      return `its frames have come through ${Limits.MAX_HOPS} servers already`;
    return undefined;
  }

  #idHere(there: string): string | undefined {
    const { cameras } = this.#options;
    return cameras === undefined ? there : cameras.get(there);
  }

  #remove(id: string): void {
    this.#cameras.get(id)?.close();
    this.#cameras.delete(id);
  }

  #frame(frame: Frame.Frame): void {
    this.#clock.frame(now());
    for (const camera of this.#cameras.values()) if (camera.frame(frame)) return;
  }

  // A question for the time goes first, so that its answer is not behind the frame that this lets go.
  #acknowledge(ack: Ack.Ack): void {
    if (performance.now() - this.#askedAtMs > EARLY_MS) this.#ask();
    this.#conversation?.send(Ack.encode(ack));
  }

  #ask(): void {
    clearTimeout(this.#timer);
    if (performance.now() - this.#heardAtMs > SILENCE_MS) {
      this.#conversation?.close();
      this.#lost("it has gone silent");
      return;
    }
    this.#askedAtMs = performance.now();
    this.#tell({ type: "time", sent: now() });
    this.#questions++;
    this.#timer = setTimeout(
      () => this.#ask(),
      this.#questions < FIRST_QUESTIONS ? FIRST_EVERY_MS : TIME_EVERY_MS,
    );
  }

  #tell(message: Control.Control): void {
    this.#conversation?.send(Control.encode(message));
  }

  #lost(reason: string): void {
    clearTimeout(this.#timer);
    this.#conversation = undefined;
    const { label, log, signal } = this.#options;
    if (signal.aborted) return;
    for (const camera of this.#cameras.values()) camera.detach();
    if (this.#lostReason === undefined) {
      this.#lostReason = reason;
      log.warn(`no connection to ${label}: ${reason}; trying again until it is there`);
      this.#grace = setTimeout(() => {
        for (const camera of this.#cameras.values()) camera.lose(`no connection to ${label}`);
      }, GRACE_MS);
    }
    this.#timer = setTimeout(() => void this.#connect(), this.#backoff.next());
  }

  #warn(sentence: string): void {
    if (this.#said.size < Limits.MAX_CAMERAS && this.#said.has(sentence)) return;
    this.#said.add(sentence);
    this.#options.log.warn(sentence);
  }

  #close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#grace);
    this.#conversation?.close();
    this.#conversation = undefined;
    for (const camera of this.#cameras.values()) camera.close();
    this.#cameras.clear();
  }
}
