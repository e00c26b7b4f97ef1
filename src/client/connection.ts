import { Backoff } from "../flow/backoff.ts";
import { ClockOffset } from "../flow/clock-offset.ts";
import {
  Ack,
  type CameraInfo,
  Control,
  Frame,
  type Micros,
  micros,
  now,
  ProtocolError,
} from "../protocol/index.ts";
import { Bundle } from "./bundle.ts";
import { closeReason, type Link } from "./link.ts";
import { Patience, SILENCE_MS } from "./patience.ts";
import { closeCode, type OpenSocket, openWebSocket, type Socket } from "./socket.ts";

/** First and longest wait before the next attempt while somebody looks at the page. */
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 2_000;

/** Longest wait while nobody looks. */
const RETRY_HIDDEN_MS = 30_000;

/** How often the server is asked for the time; the answers also prove that it is there. */
const TIME_EVERY_MS = 2_000;

/** The first questions follow each other quickly, so the first ages shown are good ones. */
const FIRST_QUESTIONS = 4;
const FIRST_EVERY_MS = 150;

/** An acknowledgement takes the question along once this part of the wait is over: see {@link Connection.acknowledge}. */
const EARLY_PART = 0.75;

/** A timer that fires later than this says nothing of the server: the page was throttled or frozen, or the machine asleep. */
const LATE_MS = 2_000;

/** From one answer to the next, the time of day and the steady clock run apart by less than this, in µs, unless somebody sets the first. */
const CLOCK_STEP_US = 120_000;

/** A connection that lasted this long was a good one: the next failure starts at the first wait again. */
const STEADY_MS = 5_000;

/** What a {@link Connection} tells. Called synchronously; none may throw. */
export interface ConnectionListener {
  /** The link changed. */
  link(link: Link): void;
  /** The directory changed; it is in {@link Connection.cameras}. */
  cameras(): void;
  /** Frames of a watched track carry `number` from now on. */
  watching(camera: string, track: string, number: number): void;
  /** A frame of a watched track came. */
  frame(frame: Frame.Frame): void;
}

/** Where to connect, and how. */
export interface ConnectionOptions {
  /** Absolute address: `ws://HOST:9000/ws`. */
  readonly url: string;
  /** Default: the browser's WebSocket. */
  readonly open?: OpenSocket;
}

interface Watch {
  readonly camera: string;
  readonly track: string;
  windowFrames: number;
}

/**
 * One WebSocket for all cameras of a page. It asks for the directory, keeps the server's clock, and reconnects for
 * ever, with everything that is watched watched again.
 */
export class Connection {
  /** The server's clock. */
  readonly clock: ClockOffset = new ClockOffset();

  readonly #url: string;
  readonly #openSocket: OpenSocket;
  readonly #listener: ConnectionListener;
  readonly #watches = new Map<string, Watch>();
  readonly #acks = new Bundle<Ack.Ack>(
    () => this.#watches.size,
    (acks) => this.#send(Ack.join(acks) as Uint8Array<ArrayBuffer>),
  );
  readonly #cameras = new Map<string, CameraInfo>();
  readonly #backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS });
  readonly #hiddenBackoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_HIDDEN_MS });

  #link: Link = { state: "closed", sinceMs: Date.now() };
  #socket: Socket | undefined;
  #listed = false;
  #visible = true;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  readonly #patience = new Patience();
  // On a steady clock: the time of day may be set at any moment.
  #openedAtMs = 0;
  #heardAtMs = 0;
  #askedAtMs = 0;
  #openSinceMs: number | undefined;
  /** Whether the connection has brought a frame. */
  #framed = false;
  #sent: Micros = micros(0);
  /** By how much the time of day was ahead of the steady clock with the last answer, in µs. */
  #aheadMicros = 0;
  #questions = 0;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#url = options.url;
    this.#openSocket = options.open ?? openWebSocket;
    this.#listener = listener;
  }

  /** How the connection stands. */
  get link(): Link {
    return this.#link;
  }

  /** The directory as the server last told it, by camera id. It stays while the connection is lost. */
  get cameras(): ReadonlyMap<string, CameraInfo> {
    return this.#cameras;
  }

  /** Whether the server has told its directory. */
  get listed(): boolean {
    return this.#listed;
  }

  /** How much longer than the round trip a question to the server has been open by now: a queue, or nobody is there. */
  get openMs(): number {
    if (this.#link.state !== "open" || this.#openSinceMs === undefined) return 0;
    return Math.max(0, performance.now() - this.#openSinceMs - (this.clock.wayMs ?? 0));
  }

  /** Connect, and stay connected until {@link close}. */
  open(): void {
    if (this.#link.state !== "closed") return;
    this.#become({ state: "connecting", sinceMs: Date.now() });
    this.#connect();
  }

  /** Close for good. */
  close(): void {
    if (this.#link.state === "closed") return;
    clearTimeout(this.#retry);
    this.#drop(1000, "");
    this.#watches.clear();
    this.#become({ state: "closed", sinceMs: Date.now() });
  }

  /** Whether somebody looks at the page. Becoming visible is a reason to try at once. */
  set visible(visible: boolean) {
    this.#visible = visible;
    if (visible) this.retry();
  }

  /** Try now: the network is back, or somebody looks again. */
  retry(): void {
    if (this.#link.state === "closed") return;
    this.#rewind();
    if (this.#socket === undefined) this.#connect();
    else if (this.#link.state === "open") this.#ask();
  }

  /** Ask for frames of a track. Again with another window: only that changes. */
  watch(camera: string, track: string, windowFrames: number): void {
    const watch = { camera, track, windowFrames };
    this.#watches.set(key(camera, track), watch);
    if (this.#link.state === "open") this.#sendWatch(watch);
  }

  /** Ask for no more frames of a track. */
  unwatch(camera: string, track: string): void {
    if (!this.#watches.delete(key(camera, track))) return;
    if (this.#link.state === "open") this.#send(Control.encode({ type: "unwatch", camera, track }));
  }

  /** Say that a watched track cannot be gone on with before its next keyframe. */
  wantKeyframe(camera: string, track: string): void {
    if (!this.#watches.has(key(camera, track)) || this.#link.state !== "open") return;
    this.#send(Control.encode({ type: "keyframe", camera, track }));
  }

  /**
   * Say that a frame was painted, and how many may be on the way from now on. A question for the time that is due soon goes
   * first: its answer then is not behind the frame that this lets go, so the round trip is that of an empty way. With `emptyWay`
   * nothing else is on the way either, which is rare: then it goes whether it is due or not.
   */
  acknowledge(ack: Ack.Ack, emptyWay = false): void {
    if (this.#link.state !== "open") return;
    if (emptyWay || performance.now() - this.#askedAtMs >= EARLY_PART * this.#everyMs) this.#ask();
    this.#acks.add(ack);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    let socket: Socket;
    try {
      socket = this.#openSocket(this.#url, Control.SUBPROTOCOL);
    } catch (error) {
      // An address that cannot be one, or one that the page's policy forbids.
      this.#lost(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#pulse = setTimeout(() => this.#fail("The server does not answer"), SILENCE_MS);
  }

  #receive(data: unknown): void {
    this.#heard(performance.now());
    try {
      if (data instanceof ArrayBuffer) this.#frame(Frame.decode(new Uint8Array(data)));
      else this.#obey(Control.decode(String(data)));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(`The server sent what this page cannot read: ${error.message}`, error.closeCode);
    }
  }

  #heard(nowMs: number): void {
    if (this.#link.state === "open") this.#waited(nowMs);
    this.#heardAtMs = nowMs;
  }

  #frame(frame: Frame.Frame): void {
    this.#framed = true;
    this.clock.frame(now());
    this.#listener.frame(frame);
  }

  #obey(message: Control.Control): void {
    switch (message.type) {
      case "hello":
        this.#greeted(message);
        break;
      case "cameras":
        this.#cameras.clear();
        for (const camera of message.cameras) this.#cameras.set(camera.id, camera);
        this.#listed = true;
        this.#listener.cameras();
        break;
      case "camera":
        this.#cameras.set(message.camera.id, message.camera);
        this.#listener.cameras();
        break;
      case "removed":
        this.#cameras.delete(message.camera);
        this.#listener.cameras();
        break;
      case "watching":
        this.#listener.watching(message.camera, message.track, message.number);
        break;
      case "time":
        if (message.at !== undefined) this.#answered(message.sent, message.at);
        break;
      default:
        throw new ProtocolError("HW_UNEXPECTED", `a viewer is not sent ${message.type}`);
    }
  }

  #greeted({ version, role }: Control.Hello): void {
    if (version !== Control.PROTOCOL_VERSION) {
      this.#fail(closeReason(4406, `version ${version}`), 4406);
      return;
    }
    if (this.#link.state === "open") return;
    this.clock.clear();
    this.#become({ state: "open", sinceMs: Date.now(), ...(role === undefined ? {} : { role }) });
    this.#openedAtMs = performance.now();
    this.#questions = 0;
    this.#openSinceMs = undefined;
    this.#framed = false;
    // Before any frame: its answer has an empty way.
    this.#ask();
    this.#send(Control.encode({ type: "list" }));
    for (const watch of this.#watches.values()) this.#sendWatch(watch);
  }

  #answered(sent: number, at: Micros): void {
    const received = now();
    const aheadMicros = received - performance.now() * 1000;
    // The time of day was set: offsets of before are wrong, and so is one whose question went out before.
    if (this.clock.offsetMicros !== undefined && Math.abs(aheadMicros - this.#aheadMicros) > CLOCK_STEP_US)
      this.clock.clear();
    else this.clock.add(micros(sent), at, received);
    this.#aheadMicros = aheadMicros;
    // Answers come in order: what was asked later is open still.
    this.#openSinceMs = sent < this.#sent ? this.#askedAtMs : undefined;
  }

  // Ask for the time, and look after a while whether anything came since.
  #ask(): void {
    this.#sent = now();
    this.#send(Control.encode({ type: "time", sent: this.#sent }));
    this.#askedAtMs = performance.now();
    this.#openSinceMs ??= this.#askedAtMs;
    this.#questions++;
    this.#beat(this.#everyMs);
  }

  get #everyMs(): number {
    return this.#questions < FIRST_QUESTIONS ? FIRST_EVERY_MS : TIME_EVERY_MS;
  }

  #beat(afterMs: number): void {
    clearTimeout(this.#pulse);
    const dueAtMs = performance.now() + afterMs;
    this.#pulse = setTimeout(() => {
      const nowMs = performance.now();
      // A late timer runs before the messages that came meanwhile: the silence begins now.
      const late = nowMs - dueAtMs > LATE_MS;
      if (late || this.#heardAtMs >= this.#askedAtMs) this.#ask();
      else if (nowMs - this.#askedAtMs < this.#limitMs) this.#beat(TIME_EVERY_MS / 2);
      else {
        // It may be a frame that takes longer than that.
        if (this.#watches.size > 0) this.#waited(nowMs);
        this.#fail("The server has gone silent");
      }
    }, afterMs);
  }

  get #limitMs(): number {
    return this.#patience.limitMs(this.#watches.size > 0 && !this.#framed);
  }

  // Who was frozen seems to have waited for longer than anybody does.
  #waited(nowMs: number): void {
    const waitedMs = this.#heardAtMs < this.#askedAtMs ? nowMs - this.#askedAtMs : 0;
    this.#patience.waited(Math.min(waitedMs, this.#limitMs), nowMs);
  }

  // This side ends the connection. The close handshake of a dead one takes minutes: nobody waits for it.
  #fail(reason: string, code = 4408): void {
    this.#settle();
    this.#drop(closeCode(code), "");
    this.#lost(reason);
  }

  #closed(code: number, words: string): void {
    this.#settle();
    if (code === 1001) this.#rewind();
    this.#drop(1000, "");
    this.#lost(closeReason(code, words));
  }

  #settle(): void {
    if (this.#link.state === "open" && performance.now() - this.#openedAtMs >= STEADY_MS) this.#rewind();
  }

  #rewind(): void {
    this.#backoff.reset();
    this.#hiddenBackoff.reset();
  }

  #drop(code: number, reason: string): void {
    clearTimeout(this.#pulse);
    this.#acks.clear();
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code, reason);
  }

  #lost(reason: string): void {
    const sinceMs = this.#link.state === "lost" ? this.#link.sinceMs : Date.now();
    this.#become({ state: "lost", sinceMs, reason });
    const waitMs = (this.#visible ? this.#backoff : this.#hiddenBackoff).next();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), waitMs);
  }

  #become(link: Link): void {
    this.#link = link;
    this.#listener.link(link);
  }

  #sendWatch({ camera, track, windowFrames }: Watch): void {
    this.#send(Control.encode({ type: "watch", camera, track, window: windowFrames }));
  }

  #send(data: string | Uint8Array<ArrayBuffer>): void {
    // A socket that is closing tells so in its own time; what is sent into it until then is lost by design.
    if (this.#socket?.readyState === 1) this.#socket.send(data);
  }
}

function key(camera: string, track: string): string {
  return `${camera}/${track}`;
}
