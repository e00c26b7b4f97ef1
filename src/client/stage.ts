import { START_WINDOW_FRAMES } from "../flow/window.ts";
import { type Frame, micros, now } from "../protocol/index.ts";
import { Connection } from "./connection.ts";
import type { Command, Report } from "./messages.ts";
import { type Decode, decodeJpeg } from "./picture.ts";
import { Player } from "./player.ts";
import type { OpenSocket } from "./socket.ts";
import { type Stats, viewState } from "./stats.ts";
import { Surface } from "./surface.ts";

/** How often the page hears how its views do: more often, and nobody could read the numbers. */
const REPORT_EVERY_MS = 250;

/** Stand-ins for the world, for tests. */
export interface StageOptions {
  readonly open?: OpenSocket;
  readonly decode?: Decode;
}

interface View {
  camera: string;
  track: string;
  readonly surface: Surface;
  playing: boolean;
  player: Player | undefined;
}

/**
 * Everything of a page that need not run on its main thread: the connection, the players, the painting. It obeys
 * {@link Command}s and answers with {@link Report}s, so it does not know which thread it is on.
 */
export class Stage {
  readonly #report: (report: Report) => void;
  readonly #options: StageOptions;
  readonly #views = new Map<number, View>();
  readonly #players = new Map<string, Player>();
  readonly #numbers = new Map<number, Player>();
  #connection: Connection | undefined;
  #visible = true;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(report: (report: Report) => void, options: StageOptions = {}) {
    this.#report = report;
    this.#options = options;
  }

  /** Do what the page asks. */
  obey(command: Command): void {
    switch (command.type) {
      case "open":
        this.#open(command.url);
        break;
      case "show": {
        const { camera, track, canvas } = command;
        const surface = new Surface(canvas);
        this.#views.set(command.view, { camera, track, surface, playing: false, player: undefined });
        break;
      }
      case "turn":
        this.#change(command.view, (view) => {
          this.#stop(view);
          view.surface.clear();
          view.camera = command.camera;
          view.track = command.track;
        });
        break;
      case "play":
        this.#change(command.view, (view) => {
          view.playing = command.playing;
        });
        break;
      case "hide":
        this.#change(command.view, (view) => {
          view.playing = false;
        });
        this.#views.delete(command.view);
        break;
      case "attend":
        this.#attend(command.visible);
        break;
      case "retry":
        this.#connection?.retry();
        break;
      case "close":
        clearInterval(this.#timer);
        this.#connection?.close();
        break;
    }
  }

  #open(url: string): void {
    const { open } = this.#options;
    const connection = new Connection(open === undefined ? { url } : { url, open }, {
      link: (link) => {
        if (link.state !== "open") this.#disconnected();
        this.#report({ type: "link", link });
        this.#tell();
      },
      cameras: () => {
        this.#report({ type: "cameras", cameras: [...connection.cameras.values()] });
        this.#tell();
      },
      watching: (camera, track, number) => this.#number(camera, track, number),
      // A frame of a track that was given up meanwhile belongs to nobody.
      frame: (frame: Frame.Frame) => this.#numbers.get(frame.track)?.put(frame),
    });
    this.#connection = connection;
    connection.visible = this.#visible;
    connection.open();
    this.#timer = setInterval(() => {
      if (this.#visible) this.#tell();
    }, REPORT_EVERY_MS);
  }

  #attend(visible: boolean): void {
    this.#visible = visible;
    if (this.#connection !== undefined) this.#connection.visible = visible;
    for (const view of this.#views.values()) this.#settle(view);
    this.#tell();
  }

  #change(number: number, change: (view: View) => void): void {
    const view = this.#views.get(number);
    if (view === undefined) return;
    change(view);
    this.#settle(view);
    this.#tell();
  }

  // A view has a player exactly while somebody can see it.
  #settle(view: View): void {
    if (view.playing && this.#visible) this.#start(view);
    else this.#stop(view);
  }

  #start(view: View): void {
    if (view.player !== undefined) return;
    const id = trackKey(view.camera, view.track);
    let player = this.#players.get(id);
    if (player === undefined) {
      player = this.#player();
      this.#players.set(id, player);
      this.#connection?.watch(view.camera, view.track, START_WINDOW_FRAMES);
    }
    player.surfaces.add(view.surface);
    view.player = player;
  }

  #stop(view: View): void {
    const { player } = view;
    if (player === undefined) return;
    view.player = undefined;
    player.surfaces.delete(view.surface);
    if (player.surfaces.size > 0) return;
    player.restart();
    this.#players.delete(trackKey(view.camera, view.track));
    this.#forget(player);
    this.#connection?.unwatch(view.camera, view.track);
  }

  #player(): Player {
    return new Player({
      decode: this.#options.decode ?? decodeJpeg,
      acknowledge: (ack) => this.#connection?.acknowledge(ack),
      offsetMicros: () => this.#connection?.clock.offsetMicros,
      roundTripMs: () => this.#connection?.clock.roundTripMs,
      began: () => this.#tell(),
    });
  }

  #number(camera: string, track: string, number: number): void {
    const player = this.#players.get(trackKey(camera, track));
    if (player === undefined) return;
    this.#forget(player);
    player.restart();
    this.#numbers.set(number, player);
  }

  #forget(player: Player): void {
    for (const [number, other] of this.#numbers) if (other === player) this.#numbers.delete(number);
  }

  // Numbers are the server's: the next connection gives out others.
  #disconnected(): void {
    this.#numbers.clear();
    for (const player of this.#players.values()) player.restart();
  }

  #tell(): void {
    if (this.#views.size === 0) return;
    const views = [...this.#views].map(([view, facts]) => ({ view, stats: this.#stats(facts) }));
    this.#report({ type: "stats", views });
  }

  #stats(view: View): Stats {
    const { player } = view;
    const connection = this.#connection;
    const camera = connection?.cameras.get(view.camera);
    const nowMs = performance.now();
    const paintedAtMs = player?.paintedAtMs;
    const state = viewState({
      playing: player !== undefined,
      link: connection?.link ?? { state: "connecting", sinceMs: 0 },
      listed: connection?.listed ?? false,
      cameraId: view.camera,
      camera,
      track: view.track,
      silentMs: paintedAtMs === undefined ? undefined : nowMs - paintedAtMs,
      now: micros(now() + (connection?.clock.offsetMicros ?? 0)),
    });
    return {
      ...state,
      name: camera?.name,
      framesPainted: player?.counters.painted ?? 0,
      framesSkipped: player?.counters.skipped ?? 0,
      framesOverwritten: player?.counters.overwritten ?? 0,
      framesFailed: player?.counters.failed ?? 0,
      ageMs: player?.ageMs,
      ageP50Ms: player?.ageP50Ms(nowMs),
      fps: player?.fps(nowMs) ?? 0,
      windowFrames: player?.windowFrames ?? 0,
      sequence: player?.sequence,
      width: player?.width ?? 0,
      height: player?.height ?? 0,
      roundTripMs: connection?.clock.roundTripMs,
    };
  }
}

function trackKey(camera: string, track: string): string {
  return `${camera}/${track}`;
}
