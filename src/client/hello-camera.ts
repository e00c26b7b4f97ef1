import {
  type CSSResult,
  type CSSResultGroup,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from "lit";
import { guard } from "lit/directives/guard.js";
import { cameraUrl, DEFAULT_SOURCE, webSocketUrl } from "./address.ts";
import { Announcement } from "./announcement.ts";
import type { Backdrop } from "./backdrop.ts";
import { caption } from "./caption.ts";
import { ControlDesk } from "./control-desk.ts";
import { controlPanel } from "./control-panel.ts";
import { controlStyle } from "./control-panel-style.ts";
import { facts } from "./facts.ts";
import { Figures } from "./figures.ts";
import { FloatingWindow } from "./floating-window.ts";
import { Framing } from "./framing.ts";
import { elementStyle } from "./hello-camera-style.ts";
import { infoPanel } from "./info-panel.ts";
import { infoStyle } from "./info-panel-style.ts";
import { notice } from "./notice.ts";
import { noticeStyle } from "./notice-style.ts";
import { type PanelContent, panel, placeMenu, placePanel } from "./panel.ts";
import { panelStyle } from "./panel-style.ts";
import { pictureStyle } from "./picture-style.ts";
import { isUpright } from "./pose.ts";
import { smallTileStyle } from "./small-tile-style.ts";
import { saveSnapshot, takeSnapshot } from "./snapshot.ts";
import { NO_STATS, type Stats } from "./stats.ts";
import { type Tool, toolbar, toolOf } from "./toolbar.ts";
import { toolsOf } from "./tools.ts";
import { View } from "./view.ts";
import type { Wish } from "./way.ts";

/** A picture that is this late is not called fresh. */
const LATE_MS = 1_000;

/**
 * A live camera as an element. `element.ts` registers it as `<hello-camera>`.
 *
 * Attributes: `camera` (its id), `src` (the server's WebSocket, default `/ws`), `track` and `decoder` (`h264`, `jpeg`;
 * `webcodecs`, `mse`; default: the best that the browser can show), `info` (the panel with the figures is open), `adjusting` (that
 * with the camera's controls is). A child with `slot="name"` stands in for the camera's name. With `aria-live="off"` its state is not
 * spoken.
 *
 * Keys, each with a button or a line in the menu: F (or double click) full screen, P a window of its own, S saves a picture, R and
 * Shift R turn, M mirrors, + and - (or wheel, pinch, double tap) enlarge, arrows (or dragging) move what is enlarged, 0 shows all of
 * it, C the camera's controls, I the figures, Escape closes. How a picture is held is remembered per camera.
 * Events: `stats` (four times a second; of a small one once) and `statechange`, both with {@link Stats} as `detail`.
 */
export class HelloCamera extends LitElement {
  /** Attributes. */
  static override properties: PropertyDeclarations = {
    camera: { type: String },
    src: { type: String },
    track: { type: String },
    decoder: { type: String },
    info: { type: Boolean, reflect: true },
    adjusting: { type: Boolean, reflect: true },
    floating: { type: Boolean, reflect: true },
    backdrop: { attribute: false },
  };

  /** The look. */
  static override styles: CSSResultGroup = [
    elementStyle,
    pictureStyle,
    noticeStyle,
    panelStyle,
    infoStyle,
    controlStyle,
    smallTileStyle,
  ];

  /** Id of the camera. */
  declare camera: string;
  /** Address of the server's WebSocket, absolute or as seen from the page. */
  declare src: string;
  /** The encoding to watch; empty: the best. */
  declare track: string;
  /** What decodes it; empty: the best. */
  declare decoder: string;
  /** The panel with the figures is open. */
  declare info: boolean;
  /** The panel with the camera's controls is open. */
  declare adjusting: boolean;
  /** It is alone in a window that stays on top: picture and age, no buttons. */
  declare floating: boolean;
  /** A canvas behind many cameras, for those that are shown as they come. */
  declare backdrop: Backdrop | undefined;

  readonly #framing: Framing;
  readonly #figures = new Figures();
  readonly #said = new Announcement(() => this.requestUpdate());
  #view: View | undefined;
  #video: HTMLVideoElement | undefined;
  #stats: Stats = NO_STATS;
  #width = 0;
  #height = 0;
  #ratio = 0;
  #desk: ControlDesk | undefined;
  #forbidden = false;
  #window: FloatingWindow | undefined;
  // The same one in every render: another one would be told that the first has left.
  readonly #draw = (element: Element | undefined): void =>
    this.#figures.attach(element as HTMLElement | undefined);
  readonly #menu = {
    open: false,
    toggles: (open: boolean): void => {
      this.#menu.open = open;
      this.requestUpdate();
    },
    opened: (menu: HTMLElement): void => void this.updateComplete.then(() => this.#place(menu)),
  };
  #saving = false;

  constructor() {
    super();
    this.camera = "";
    this.src = DEFAULT_SOURCE;
    this.track = "";
    this.decoder = "";
    this.info = false;
    this.adjusting = false;
    this.floating = false;
    this.backdrop = undefined;
    this.#framing = new Framing({
      reposed: () => this.#repose(),
      takesWheel: () => this.matches(":focus-within, :fullscreen"),
    });
    this.addController(this.#framing);
    this.addEventListener("dblclick", (event) => {
      const inPanel = event
        .composedPath()
        .some((node) => node instanceof Element && node.matches(".panel, .menu, button"));
      // A finger's double tap enlarges what is under it.
      if (inPanel || this.#framing.pointer === "touch") return;
      event.preventDefault();
      this.#toggleFullscreen();
    });
    this.addEventListener("keydown", (event) => this.press(event));
  }

  /** How it does now. */
  get stats(): Stats {
    return this.#stats;
  }

  /** Do what a key means here, and say by `preventDefault` that it was done. A page may hand on one that was pressed elsewhere. */
  press(event: KeyboardEvent): void {
    const from = event.composedPath()[0];
    if (event.key === "Escape" && (this.info || this.adjusting)) {
      event.preventDefault();
      this.#closePanel();
      return;
    }
    // A letter in a field is for the field.
    if (event.defaultPrevented || this.floating) return;
    if (from instanceof HTMLSelectElement || from instanceof HTMLInputElement) return;
    if (event.key === "." && !event.ctrlKey && !event.metaKey) {
      this.renderRoot.querySelector<HTMLElement>(".menu")?.togglePopover?.();
      event.preventDefault();
      return;
    }
    const tool = toolOf(this.#tools, event);
    if (tool !== undefined && tool.enabled !== false) tool.press();
    else if (event.ctrlKey || event.metaKey || event.altKey || !this.#framing.key(event.key)) return;
    event.preventDefault();
  }

  /** It is in a page: watch. */
  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasAttribute("tabindex")) this.tabIndex = 0;
    if (this.hasUpdated) this.#watch();
  }

  /** It is in no page any more: rest. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
    // Its window stays: who looks there may leave this page's part of it.
    this.#said.clear();
  }

  // A style sheet belongs to the page that made it, and another window's page takes its own only.
  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const { defaultView } = this.ownerDocument;
    if (this.ownerDocument === document || defaultView === null) return super.createRenderRoot();
    const root = this.shadowRoot ?? this.attachShadow(HelloCamera.shadowRootOptions);
    root.adoptedStyleSheets = HelloCamera.elementStyles.map((style) => {
      const sheet = new defaultView.CSSStyleSheet();
      sheet.replaceSync((style as CSSResult).cssText);
      return sheet;
    });
    return root;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // One panel at a time.
    if (changed.has("adjusting") && this.adjusting) this.info = false;
    else if (changed.has("info") && this.info) this.adjusting = false;
    if (changed.has("camera") || changed.has("src")) {
      this.#forbidden = false;
      this.#desk?.close();
      this.#desk = undefined;
    }
    this.#staff();
    if (!this.isConnected) return;
    if (this.#view === undefined || changed.has("src")) {
      this.#watch();
    } else {
      if (changed.has("camera")) this.#view.camera = this.camera;
      if (changed.has("track") || changed.has("decoder")) this.#view.choose(this.#wish);
    }
    if (changed.has("camera") || changed.has("src")) {
      this.#width = 0;
      this.#figures.clear();
      this.#framing.show(`${webSocketUrl(this.src, document.baseURI)} ${this.camera}`);
    }
  }

  protected override render(): TemplateResult {
    const stats = this.#stats;
    const words = caption(stats);
    const { state } = stats;
    const spoken = `Camera ${this.#name}: ${words.state.toLowerCase()}`;
    const size = { width: this.#width, height: this.#height };
    return html`
      <div class="picture" role="img" aria-label=${spoken}>
        <div class="frame">${this.#view?.canvas}${this.#video}</div>
      </div>
      ${notice(words, state === "connecting" || state === "opening")}
      <div class="top">
        <div class="name"><slot name="name">${this.#name}</slot></div>
        <div class="state" aria-hidden="true">${words.state}</div>
      </div>
      <div class="bottom">
        ${facts(stats, size)}
        ${this.floating ? nothing : guard(this.#toolFacts, () => toolbar(this.#tools, this.#menu))}
      </div>
      ${this.#panel()}
      <div class="said" role="status">${this.#said.text === "" ? nothing : html`<span>${this.#said.text}</span>`}</div>
      <div class="spoken" aria-live=${this.ariaLive ?? "polite"}>${spoken}</div>
    `;
  }

  protected override updated(): void {
    const box = this.renderRoot.querySelector<HTMLElement>(".picture");
    if (box !== null && this.isConnected) this.#framing.hold(box);
    this.#repose();
    // Where it stands depends on its size, which it has once it is there.
    placePanel(this.renderRoot.querySelector<HTMLElement>(".panel"), this);
  }

  get #name(): string {
    return this.#stats.name ?? this.camera;
  }

  #panel(): TemplateResult | typeof nothing {
    const name = this.#name;
    let content: Omit<PanelContent, "name" | "close">;
    if (this.info) {
      const figures = infoPanel(this.#stats, this.#wish, (wish) => this.#choose(wish), this.#draw);
      content = { title: "Figures", kind: "info", body: figures };
    } else if (this.#desk !== undefined) {
      content = { title: "Controls", kind: "controls", body: controlPanel(this.#desk) };
    } else {
      return nothing;
    }
    return panel({ ...content, name, close: () => this.#closePanel() });
  }

  // What the buttons depend on: most reports change none of it.
  get #toolFacts(): unknown[] {
    const { zoom, quarters, mirrored } = this.#framing.pose;
    const held = [zoom, quarters, mirrored];
    return [
      ...held,
      this.#menu.open,
      this.#saving,
      this.#window,
      this.info,
      this.adjusting,
      this.#forbidden,
      document.fullscreenEnabled,
    ];
  }

  get #tools(): readonly Tool[] {
    return toolsOf({
      framing: this.#framing,
      saving: this.#saving,
      floats: this.#window !== undefined,
      figures: this.info,
      adjusting: this.adjusting,
      forbidden: this.#forbidden,
      save: () => void this.#save(),
      float: () => void this.#float(),
      showControls: () => this.#toggle("adjusting"),
      showFigures: () => this.#toggle("info"),
      fillScreen: () => this.#toggleFullscreen(),
    });
  }

  #toggle(panelName: "info" | "adjusting"): void {
    this[panelName] = !this[panelName];
    if (!this[panelName]) this.#refocus();
    // Who opens it goes on in it, and Escape closes it.
    else void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(".panel")?.focus());
  }

  #closePanel(): void {
    this.info = false;
    this.adjusting = false;
    this.#refocus();
  }

  // Keys go on working when what had the focus goes away.
  #refocus(): void {
    if (this.renderRoot.querySelector(":is(.panel, .panel *):focus") !== null)
      this.focus({ preventScroll: true });
  }

  #place(menu: HTMLElement): void {
    const more = this.renderRoot.querySelector<HTMLElement>(".more");
    if (more !== null) placeMenu(menu, more);
    menu.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
  }

  // Who asks the camera for its controls is there while they are shown.
  #staff(): void {
    if (!this.adjusting) {
      this.#desk?.close();
      this.#desk = undefined;
    } else if (this.#desk === undefined && this.camera !== "") {
      this.#desk = new ControlDesk(cameraUrl(this.src, document.baseURI, this.camera, "controls"), () =>
        this.#asked(),
      );
    }
  }

  #asked(): void {
    if (this.#desk?.state === "forbidden") {
      this.#forbidden = true;
      this.adjusting = false;
      this.#said.say("You may not adjust this camera");
    }
    this.requestUpdate();
  }

  async #save(): Promise<void> {
    if (this.#saving || this.camera === "") return;
    this.#saving = true;
    this.requestUpdate();
    try {
      const url = cameraUrl(this.src, document.baseURI, this.camera, "snapshot.jpg");
      const snapshot = await takeSnapshot(url, this.camera);
      saveSnapshot(snapshot);
      this.#said.say(`Saved ${snapshot.name}`);
    } catch (error) {
      this.#said.say(`No picture was saved: ${(error as Error).message}`);
    }
    this.#saving = false;
    this.requestUpdate();
  }

  async #float(): Promise<void> {
    if (this.#window !== undefined) {
      this.#window.close();
      return;
    }
    const element = document.createElement(this.localName) as HelloCamera;
    Object.assign(element, { camera: this.camera, src: this.src, floating: true });
    Object.assign(element, { track: this.track, decoder: this.decoder });
    const closed = (): void => {
      this.#window = undefined;
      this.requestUpdate();
    };
    try {
      const title = this.#name;
      this.#window = await FloatingWindow.open({ title, ratio: this.#framing.ratio, element, closed });
    } catch (error) {
      this.#said.say(`The browser opens no window: ${(error as Error).message}`);
    }
    this.requestUpdate();
  }

  #repose(): void {
    const frame = this.renderRoot?.querySelector<HTMLElement>(".frame");
    if (frame != null) this.#framing.apply(frame);
    if (this.#view !== undefined) this.#view.zoom = this.#framing.pose.zoom;
    this.#lie();
    const { ratio } = this.#framing;
    if (this.#width === 0 || ratio === this.#ratio) return;
    this.#ratio = ratio;
    this.style.setProperty("--hello-camera-ratio", String(ratio));
  }

  // What is turned, enlarged, a video or above all else is not on the backdrop.
  #lie(): void {
    const view = this.#view;
    const { backdrop } = this;
    const plain =
      isUpright(this.#framing.pose) &&
      this.#stats.way?.decoder !== "mse" &&
      !this.floating &&
      !this.matches(":fullscreen");
    const lies = plain && view !== undefined && backdrop !== undefined && view.fits(backdrop);
    if (view !== undefined) view.backdrop = lies ? backdrop : undefined;
    this.toggleAttribute("data-backdrop", lies);
  }

  get #wish(): Wish {
    return { track: this.track, decoder: this.decoder };
  }

  #choose({ track = "", decoder = "" }: Wish): void {
    this.track = track;
    this.decoder = decoder;
  }

  #watch(): void {
    this.#unwatch();
    if (this.camera === "") return;
    // A canvas that was handed to a worker stays there: each view gets a new one.
    const video = document.createElement("video");
    this.#video = video;
    this.#view = new View(webSocketUrl(this.src, document.baseURI), this.camera, {
      ...this.#wish,
      video,
      floating: this.floating,
      told: (stats) => this.#told(stats),
    });
    this.requestUpdate();
  }

  #unwatch(): void {
    this.#view?.close();
    this.#view = undefined;
    this.#video = undefined;
    this.#stats = NO_STATS;
  }

  #told(stats: Stats): void {
    const before = this.#stats.state;
    const changed = stats.state !== before;
    this.#stats = stats;
    this.dataset["state"] = stats.state;
    this.dataset["decoder"] = stats.way?.decoder ?? "";
    this.toggleAttribute("data-late", (stats.ageP50Ms ?? 0) > LATE_MS);
    if (stats.width > 0 && (stats.width !== this.#width || stats.height !== this.#height)) {
      this.#width = stats.width;
      this.#height = stats.height;
      this.#framing.shaped(stats.width / stats.height);
    }
    this.#figures.told(stats, performance.now());
    // Another camera may be behind the name, or the same one without what was set.
    if (changed && stats.state === "live") this.#desk?.refresh();
    this.requestUpdate();
    if (changed) this.dispatchEvent(new CustomEvent("statechange", { detail: stats }));
    this.dispatchEvent(new CustomEvent("stats", { detail: stats }));
  }

  #toggleFullscreen(): void {
    const done = document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen();
    // Refused by the browser: it stays as it is.
    done.catch(() => undefined);
  }
}
