import { type Frame, micros, now } from "../protocol/index.ts";
import { CodecsPipeline } from "./codecs-pipeline.ts";
import { Connection } from "./connection.ts";
import { ImagePipeline } from "./image-pipeline.ts";
import { MediaPipeline } from "./media-pipeline.ts";
import type { Command, Report } from "./messages.ts";
import { type Decode, decodeJpeg } from "./picture.ts";
import type { Pipeline, PipelineOptions } from "./pipeline.ts";
import { Player } from "./player.ts";
import type { OpenSocket } from "./socket.ts";
import { type Stats, viewState } from "./stats.ts";
import { BrowserSupport } from "./support.ts";
import { Surface } from "./surface.ts";
import { choose, JPEG_WAY, sameWay, type Way, type Wish, waysOf } from "./way.ts";

/** How often the page hears how its views do: more often, and nobody could read the numbers. */
const REPORT_EVERY_MS = 250;

/** Stand-ins for the world, for tests. */
export interface StageOptions {
  readonly open?: OpenSocket;
  readonly decode?: Decode;
}

interface View {
  camera: string;
  wish: Wish;
  readonly plays: boolean;
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
  /** Why a way was given up, until there is a reason to try it again. */
  readonly #failed = new Map<string, string>();
  readonly #support = new BrowserSupport(() => this.#settleAll());
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
        const { view, camera, wish, plays, canvas } = command;
        const surface = new Surface(canvas, (segment) => this.#report({ type: "segment", view, segment }));
        this.#views.set(view, { camera, wish, plays, surface, playing: false, player: undefined });
        break;
      }
      case "turn":
        this.#change(command.view, (view) => {
          this.#stop(view);
          view.surface.clear();
          view.camera = command.camera;
        });
        break;
      case "wish":
        this.#change(command.view, (view) => {
          view.wish = command.wish;
          // Who asks for it once more means it.
          this.#forgive(view.camera);
        });
        break;
      case "presented":
        this.#views.get(command.view)?.player?.presented(command.shown);
        break;
      case "trouble":
        this.#views.get(command.view)?.player?.trouble(command.reason);
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
        if (link.state === "open") this.#failed.clear();
        else this.#disconnected();
        this.#report({ type: "link", link });
        this.#tell();
      },
      cameras: () => {
        this.#report({ type: "cameras", cameras: [...connection.cameras.values()] });
        this.#settleAll();
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
    this.#settleAll();
  }

  #change(number: number, change: (view: View) => void): void {
    const view = this.#views.get(number);
    if (view === undefined) return;
    change(view);
    this.#settle(view);
    this.#tell();
  }

  #settleAll(): void {
    for (const view of this.#views.values()) this.#settle(view);
    this.#tell();
  }

  // A view has a player exactly while somebody can see it and there is a way to show it.
  #settle(view: View): void {
    if (!view.playing || !this.#visible) {
      this.#stop(view);
      return;
    }
    const way = this.#way(view);
    if (way === undefined || sameWay(view.player?.way, way)) return;
    this.#stop(view);
    this.#start(view, way);
  }

  // `undefined`: stay as it is, for the camera is not known (now), or it is not known what can be decoded.
  #way(view: View): Way | undefined {
    const camera = this.#connection?.cameras.get(view.camera);
    if (camera === undefined) return view.wish.track === JPEG_WAY.track ? JPEG_WAY : undefined;
    if (camera.tracks.some(({ codec }) => this.#support.unknown(codec))) return undefined;
    const failed = (way: Way): boolean => this.#failed.has(wayKey(view.camera, way));
    const way = choose(this.#ways(view), view.wish, failed) ?? JPEG_WAY;
    // Views of one track share its decoder.
    const shared = this.#players.get(trackKey(view.camera, way.track));
    if (shared === undefined || (shared === view.player && shared.surfaces.size === 1)) return way;
    return shared.way.decoder === "mse" && !view.plays ? JPEG_WAY : shared.way;
  }

  #ways(view: View): readonly Way[] {
    const camera = this.#connection?.cameras.get(view.camera);
    if (camera === undefined) return [];
    return waysOf(camera, {
      webcodecs: (codec) => this.#support.webcodecs(codec),
      mse: (codec) => view.plays && this.#support.mse(codec),
    });
  }

  #start(view: View, way: Way): void {
    const id = trackKey(view.camera, way.track);
    let player = this.#players.get(id);
    if (player === undefined) {
      player = this.#player(view.camera, way);
      this.#players.set(id, player);
      this.#connection?.watch(view.camera, way.track, player.windowFrames);
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
    player.close();
    this.#players.delete(trackKey(view.camera, player.way.track));
    this.#forget(player);
    this.#connection?.unwatch(view.camera, player.way.track);
  }

  #player(camera: string, way: Way): Player {
    const { track } = way;
    return new Player({
      way,
      pipeline: (options) => this.#pipeline(options, camera, way),
      acknowledge: (ack) => this.#connection?.acknowledge(ack),
      offsetMicros: () => this.#connection?.clock.offsetMicros,
      roundTripMs: () => this.#connection?.clock.roundTripMs,
      began: () => this.#tell(),
      wantKeyframe: () => this.#connection?.wantKeyframe(camera, track),
      resize: (windowFrames) => this.#connection?.watch(camera, track, windowFrames),
      gaveUp: (reason) => {
        this.#failed.set(wayKey(camera, way), reason);
        this.#settleAll();
      },
    });
  }

  #pipeline(options: PipelineOptions, camera: string, way: Way): Pipeline {
    if (way.decoder === "image") return new ImagePipeline(options, this.#options.decode ?? decodeJpeg);
    if (way.decoder === "mse") return new MediaPipeline(options);
    return new CodecsPipeline(options, () => this.#codec(camera, way));
  }

  // The camera says it better once its first frames have come.
  #codec(camera: string, way: Way): string {
    const tracks = this.#connection?.cameras.get(camera)?.tracks;
    return tracks?.find(({ name }) => name === way.track)?.codec ?? way.codec;
  }

  #number(camera: string, track: string, number: number): void {
    const player = this.#players.get(trackKey(camera, track));
    if (player === undefined) return;
    // Another run of the recorder: what its frames were like before says nothing.
    if (this.#forget(player)) this.#forgive(camera);
    player.restart();
    this.#numbers.set(number, player);
  }

  #forgive(camera: string): void {
    for (const key of this.#failed.keys()) if (key.startsWith(`${camera}/`)) this.#failed.delete(key);
  }

  #forget(player: Player): boolean {
    let known = false;
    for (const [number, other] of this.#numbers) {
      if (other !== player) continue;
      this.#numbers.delete(number);
      known = true;
    }
    return known;
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
      playing: view.playing && this.#visible,
      link: connection?.link ?? { state: "connecting", sinceMs: 0 },
      listed: connection?.listed ?? false,
      cameraId: view.camera,
      camera,
      track: player?.way.track,
      silentMs: paintedAtMs === undefined ? undefined : nowMs - paintedAtMs,
      now: micros(now() + (connection?.clock.offsetMicros ?? 0)),
    });
    return {
      ...state,
      name: camera?.name,
      way: player && { ...player.way, codec: this.#codec(view.camera, player.way) },
      ways: this.#ways(view),
      fallback: this.#fallback(view.camera),
      framesPainted: player?.counters.painted ?? 0,
      framesSkipped: player?.counters.skipped ?? 0,
      framesOverwritten: player?.counters.overwritten ?? 0,
      framesFailed: player?.counters.failed ?? 0,
      ageMs: player?.ageMs,
      ageP50Ms: player?.ageP50Ms(nowMs),
      fps: player?.fps(nowMs) ?? 0,
      bytesPerSecond: player?.bytesPerSecond(nowMs) ?? 0,
      windowFrames: player?.windowFrames ?? 0,
      sequence: player?.sequence,
      width: player?.width ?? 0,
      height: player?.height ?? 0,
      roundTripMs: connection?.clock.roundTripMs,
    };
  }

  #fallback(camera: string): string | undefined {
    for (const [key, reason] of this.#failed) if (key.startsWith(`${camera}/`)) return reason;
    return undefined;
  }
}

function wayKey(camera: string, way: Way): string {
  return `${camera}/${way.track}/${way.decoder}`;
}

function trackKey(camera: string, track: string): string {
  return `${camera}/${track}`;
}
