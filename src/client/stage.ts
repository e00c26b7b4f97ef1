import type { Frame } from "../protocol/index.ts";
import { Audiences } from "./audiences.ts";
import { Board, type Box, boxesOf } from "./board.ts";
import { CodecsPipeline } from "./codecs-pipeline.ts";
import { Connection } from "./connection.ts";
import { ImagePipeline } from "./image-pipeline.ts";
import { MediaPipeline } from "./media-pipeline.ts";
import type { Arrangement, Command, Report } from "./messages.ts";
import { Painter } from "./painter.ts";
import { type Decode, decodeJpeg } from "./picture.ts";
import type { Pipeline, PipelineOptions, Presented } from "./pipeline.ts";
import { Player } from "./player.ts";
import { Reports } from "./reports.ts";
import { SharedSockets } from "./shared-socket.ts";
import type { OpenSocket } from "./socket.ts";
import { statsOf } from "./stage-stats.ts";
import { StageView } from "./stage-view.ts";
import { BrowserSupport } from "./support.ts";
import { Surface } from "./surface.ts";
import { Throttle } from "./throttle.ts";
import { TrackChoice } from "./track-choice.ts";
import { Trials } from "./trials.ts";
import { choose, JPEG_WAY, sameWay, type Way, waysOf } from "./way.ts";

/** How often the page hears how its large views do: more often, and nobody could read the numbers. */
const REPORT_EVERY_MS = 250;

/** How often the tracks in use are looked at: trouble is to be over within a second. */
const LOOK_EVERY_MS = 100;

/** Looks between two at which a choice is made anew though nothing calls for it: what is known of tracks changes slowly. */
const LOOKS_PER_CHOICE = 10;

/** Shortest time between two looks at what has changed in the directory: all views are looked at, and a wall of many has many changes. */
const DIRECTORY_EVERY_MS = 100;

/** Stand-ins for the world, for tests. */
export interface StageOptions {
  readonly open?: OpenSocket;
  readonly decode?: Decode;
}

/**
 * Everything of a page that need not run on its main thread: the connection, the players, the painting. It obeys
 * {@link Command}s and answers with {@link Report}s, so it does not know which thread it is on.
 */
export class Stage {
  readonly #report: (report: Report) => void;
  readonly #options: StageOptions;
  readonly #views = new Map<number, StageView>();
  readonly #players = new Map<string, Player>();
  readonly #numbers = new Map<number, Player>();
  readonly #choices = new Map<string, TrackChoice>();
  readonly #trials = new Trials();
  /** Why a way was given up, until there is a reason to try it again. */
  readonly #failed = new Map<string, string>();
  readonly #support = new BrowserSupport(() => this.#settleAll());
  readonly #audiences = new Audiences(this.#views);
  readonly #painter = new Painter(() => this.#players.size);
  readonly #reports = new Reports(this.#views, (views) => this.#tell(views));
  readonly #directory = new Throttle(DIRECTORY_EVERY_MS, () => {
    this.#report({ type: "cameras", cameras: [...(this.#connection?.cameras.values() ?? [])] });
    this.#settleAll();
  });
  #board: Board | undefined;
  #sockets: SharedSockets | undefined;
  #connection: Connection | undefined;
  #visible = true;
  #streams = 0;
  #looks = 0;
  #lookedAtMs = performance.now();
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(report: (report: Report) => void, options: StageOptions = {}) {
    this.#report = report;
    this.#options = options;
  }

  /** Do what the page asks. */
  obey(command: Command): void {
    switch (command.type) {
      case "open":
        this.#open(command.url, command.hub);
        break;
      case "alone":
        this.#sockets?.lose();
        break;
      case "show": {
        const { view, camera, wish, plays, canvas } = command;
        const surface = new Surface(canvas, (segment) => {
          // The first piece of a video: what it is to follow sends no more.
          if (segment.fresh) this.#views.get(view)?.takeOver(segment.stream, (player) => this.#leave(player));
          this.#report({ type: "segment", view, segment });
        });
        const dark = (): void => this.#report({ type: "dark", view });
        this.#views.set(view, new StageView({ camera, wish, plays, surface, dark }));
        break;
      }
      case "board":
        this.#board = new Board(command.canvas);
        break;
      case "arrange":
        this.#board?.arrange({ ...command, places: this.#boxes(command) });
        break;
      case "turn":
        this.#change(command.view, (view) => {
          this.#stop(view);
          view.turn(command.camera);
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
        this.#presented(command.view, command.shown);
        break;
      case "held":
        this.#views.get(command.view)?.hold(command.isHeld);
        break;
      case "trouble":
        this.#views.get(command.view)?.trouble(command.reason);
        break;
      case "size":
        this.#change(command.view, (view) => {
          view.size = command;
        });
        this.#trials.renew();
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
        this.#audiences.changed();
        break;
      case "attend":
        this.#attend(command.visible);
        break;
      case "retry":
        this.#connection?.retry();
        break;
      case "close":
        for (const timer of this.#timers) clearInterval(timer);
        this.#reports.close();
        this.#directory.close();
        this.#connection?.close();
        break;
    }
  }

  #open(url: string, hub: MessagePort | undefined): void {
    const sockets = new SharedSockets(hub, this.#options.open);
    this.#sockets = sockets;
    const connection = new Connection(
      { url, open: sockets.open },
      {
        link: (link) => {
          if (link.state === "open") this.#failed.clear();
          else this.#disconnected();
          this.#report({ type: "link", link });
          this.#reports.changed();
        },
        cameras: () => this.#directory.ask(),
        watching: (camera, track, number) => this.#number(camera, track, number),
        // A frame of a track that was given up meanwhile belongs to nobody.
        frame: (frame: Frame.Frame) => this.#numbers.get(frame.track)?.put(frame),
      },
    );
    this.#connection = connection;
    connection.visible = this.#visible;
    connection.open();
    const beat = (): void => {
      if (this.#visible) this.#reports.beat();
    };
    this.#timers = [setInterval(beat, REPORT_EVERY_MS), setInterval(() => this.#look(), LOOK_EVERY_MS)];
  }

  #boxes({ places }: Arrangement): ReadonlyMap<Surface, Box> {
    return boxesOf(places, (view) => this.#views.get(view)?.surface);
  }

  #presented(number: number, shown: Presented): void {
    const player = this.#views.get(number)?.player;
    // A video that has just been given another stream still shows the one before.
    if (player?.stream === shown.stream) player.presented(shown);
  }

  #attend(visible: boolean): void {
    this.#visible = visible;
    if (this.#connection !== undefined) this.#connection.visible = visible;
    this.#settleAll();
  }

  #change(number: number, change: (view: StageView) => void): void {
    const view = this.#views.get(number);
    if (view === undefined) return;
    change(view);
    this.#audiences.changed();
    this.#settle(view);
    this.#reports.changed(number);
  }

  #changed(view: StageView): void {
    for (const [number, other] of this.#views) if (other === view) this.#reports.changed(number);
  }

  #settleAll(): void {
    for (const view of this.#views.values()) this.#settle(view);
    this.#reports.changed();
  }

  // How the tracks in use do, and what follows from that, and from views that came, left, or have another size.
  #look(): void {
    if (!this.#visible) return;
    const nowMs = performance.now();
    const connection = this.#connection;
    this.#trials.late(nowMs - this.#lookedAtMs - LOOK_EVERY_MS);
    this.#lookedAtMs = nowMs;
    const link = { openMs: connection?.openMs ?? 0, roundTripMs: connection?.clock.wayMs ?? 0 };
    let turn = this.#looks++;
    for (const [key, choice] of this.#choices) {
      const views = this.#audiences.of(key);
      const [first] = views;
      const camera = first && this.#connection?.cameras.get(first.camera);
      if (first === undefined) this.#abandon(key);
      else if (camera?.state === "live" && this.#connection?.link.state === "open") {
        const { way } = choice;
        const mayTry = this.#trials.may(this.#choices.size, nowMs);
        if (first.latest !== undefined) choice.look(first.latest, { ...link, mayTry }, nowMs);
        this.#trials.hear(key, choice, nowMs);
        // In turn: all at once would hold up the pictures.
        if (choice.way !== way || turn++ % LOOKS_PER_CHOICE === 0)
          for (const view of views) this.#settle(view);
      }
    }
  }

  #abandon(key: string): void {
    this.#choices.delete(key);
    this.#trials.forget(key);
  }

  // A view has a player exactly while somebody can see it and there is a way to show it.
  #settle(view: StageView): void {
    if (!view.playing || !this.#visible) {
      this.#stop(view);
      return;
    }
    const way = this.#way(view);
    if (way === undefined || sameWay(view.latest?.way, way)) return;
    const player = this.#join(view, way);
    view.follow(player, this.#choices.get(view.key)?.hurry === true, (left) => this.#leave(left));
  }

  // `undefined`: stay as it is, for the camera is not known (now), or it is not known what can be decoded.
  #way(view: StageView): Way | undefined {
    const camera = this.#connection?.cameras.get(view.camera);
    if (camera === undefined) return view.wish.track === JPEG_WAY.track ? JPEG_WAY : undefined;
    if (camera.tracks.some(({ codec }) => this.#support.unknown(codec))) return undefined;
    const failed = (way: Way): boolean => this.#failed.has(wayKey(view.camera, way));
    const way =
      (view.automatic ? this.#choose(view, failed) : choose(this.#ways(view), view.wish, failed)) ?? JPEG_WAY;
    // Views of one track share its decoder.
    const shared = this.#players.get(trackKey(view.camera, way.track));
    if (shared === undefined || (shared === view.latest && shared.views.size === 1)) return way;
    return shared.way.decoder === "mse" && !view.plays ? JPEG_WAY : shared.way;
  }

  #choose(view: StageView, failed: (way: Way) => boolean): Way | undefined {
    const { key } = view;
    let choice = this.#choices.get(key);
    if (choice === undefined) {
      choice = new TrackChoice();
      this.#choices.set(key, choice);
    }
    const { decoder } = view.wish;
    const sound = this.#ways(view).filter((way) => !failed(way));
    const wished = sound.filter((way) => !decoder || way.decoder === decoder);
    const views = this.#audiences.of(key);
    choice.offer(
      {
        tracks: this.#connection?.cameras.get(view.camera)?.tracks ?? [],
        ways: wished.length > 0 ? wished : sound,
        sizes: views.map(({ size }) => size),
      },
      performance.now(),
    );
    return choice.way;
  }

  #ways(view: StageView): readonly Way[] {
    const camera = this.#connection?.cameras.get(view.camera);
    if (camera === undefined) return [];
    return waysOf(camera, {
      webcodecs: (codec) => this.#support.webcodecs(codec),
      mse: (codec) => view.plays && this.#support.mse(codec),
    });
  }

  #join(view: StageView, way: Way): Player {
    const id = trackKey(view.camera, way.track);
    let player = this.#players.get(id);
    // Another decoder of the same track: the server sends it once.
    if (player !== undefined && !sameWay(player.way, way)) {
      for (const other of player.views) other.stop((left) => this.#leave(left));
      player = undefined;
    }
    if (player === undefined) {
      player = this.#player(view, way);
      this.#players.set(id, player);
      this.#connection?.watch(view.camera, way.track, player.windowFrames);
    }
    return player;
  }

  #stop(view: StageView): void {
    view.stop((player) => this.#leave(player));
  }

  // Nobody looks at what it plays any more.
  #leave(player: Player): void {
    if (player.views.size > 0) return;
    const { camera, way } = player;
    player.close();
    this.#players.delete(trackKey(camera, way.track));
    this.#forget(player);
    this.#connection?.unwatch(camera, way.track);
  }

  /** What to add to this machine's clock to get that of the machine of the camera. */
  #offsetMicros(camera: string): number | undefined {
    const server = this.#connection?.clock.offsetMicros;
    if (server === undefined) return undefined;
    return server - (this.#connection?.cameras.get(camera)?.clock?.offset ?? 0);
  }

  #player(view: StageView, way: Way): Player {
    const { camera } = view;
    const { track } = way;
    const player = new Player({
      camera,
      way,
      stream: ++this.#streams,
      painter: this.#painter,
      floor: this.#choices.get(view.key)?.floor,
      pipeline: (options) => this.#pipeline(options, camera, way),
      shared: () => this.#sockets?.shares === true,
      acknowledge: (ack, emptyWay) => this.#connection?.acknowledge(ack, emptyWay),
      offsetMicros: () => this.#offsetMicros(camera),
      roundTripMs: () => this.#connection?.clock.wayMs,
      began: () => {
        for (const shown of player.views) {
          shown.began(player, (left) => this.#leave(left));
          this.#changed(shown);
        }
      },
      wantKeyframe: () => this.#connection?.wantKeyframe(camera, track),
      resize: (windowFrames) => this.#connection?.watch(camera, track, windowFrames),
      gaveUp: (reason) => {
        this.#failed.set(wayKey(camera, way), reason);
        this.#settleAll();
      },
    });
    return player;
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
    if (this.#forget(player)) {
      this.#forgive(camera);
      for (const view of player.views) view.restart();
    }
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
    for (const view of this.#views.values()) view.restart();
  }

  #tell(numbers: readonly number[]): void {
    const views = numbers.flatMap((view) => {
      const facts = this.#views.get(view);
      if (facts === undefined) return [];
      const stats = statsOf(facts, {
        connection: this.#connection,
        visible: this.#visible,
        choice: facts.automatic ? this.#choices.get(facts.key) : undefined,
        ways: this.#ways(facts),
        codec: (way) => this.#codec(facts.camera, way),
        fallback: this.#fallback(facts.camera),
      });
      if (stats.state !== "live" && stats.state !== "paused") facts.surface.fade();
      return [{ view, stats }];
    });
    this.#report({ type: "stats", views });
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
