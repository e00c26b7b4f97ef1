import {
  type CSSResultGroup,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  svg,
  type TemplateResult,
} from "lit";
import { DEFAULT_SOURCE, webSocketUrl } from "./address.ts";
import { age, type Caption, caption } from "./caption.ts";
import { elementStyle } from "./hello-camera-style.ts";
import { infoPanel } from "./info-panel.ts";
import { panelStyle } from "./info-panel-style.ts";
import { smallTileStyle } from "./small-tile-style.ts";
import { NO_STATS, type Stats } from "./stats.ts";
import { View } from "./view.ts";
import type { Wish } from "./way.ts";

const WAITING = svg`<path d="M12 3a9 9 0 1 0 9 9" />`;
const TROUBLE = svg`<path d="M12 8v5m0 3.5v.01M10.3 4.2 2.6 17.5A2 2 0 0 0 4.3 20.5h15.4a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0Z" />`;
const INFORM = svg`<path d="M12 11v6m0-10v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z" />`;
const ENLARGE = svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5m11-5v5h-5" />`;

/**
 * A live camera as an element. `element.ts` registers it as `<hello-camera>`.
 *
 * Attributes: `camera` (its id), `src` (the server's WebSocket, default `/ws`), `track` and `decoder` (`h264`, `jpeg`;
 * `webcodecs`, `mse`; default: the best that the browser can show), `info` (the panel with the figures is open). A child with
 * `slot="name"` stands in for the camera's name. With `aria-live="off"` its state is not spoken. Double click, the button or the key F: full screen; I: the figures.
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
  };

  /** The look. */
  static override styles: CSSResultGroup = [elementStyle, panelStyle, smallTileStyle];

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

  #view: View | undefined;
  #video: HTMLVideoElement | undefined;
  #stats: Stats = NO_STATS;
  #width = 0;
  #height = 0;

  constructor() {
    super();
    this.camera = "";
    this.src = DEFAULT_SOURCE;
    this.track = "";
    this.decoder = "";
    this.info = false;
    this.addEventListener("dblclick", (event) => {
      const inPanel = event
        .composedPath()
        .some((node) => node instanceof Element && node.matches(".info, button"));
      if (inPanel) return;
      event.preventDefault();
      this.#toggleFullscreen();
    });
    this.addEventListener("keydown", (event) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      // A letter in the menu chooses there.
      if (!plain || event.composedPath()[0] instanceof HTMLSelectElement) return;
      const key = event.key.toLowerCase();
      if (key === "f") this.#toggleFullscreen();
      else if (key === "i") this.info = !this.info;
      else if (key === "escape") this.info = false;
    });
  }

  /** How it does now. */
  get stats(): Stats {
    return this.#stats;
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
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected) return;
    if (this.#view === undefined || changed.has("src")) {
      this.#watch();
    } else {
      if (changed.has("camera")) this.#view.camera = this.camera;
      if (changed.has("track") || changed.has("decoder")) this.#view.choose(this.#wish);
    }
    if (changed.has("camera")) this.#width = 0;
  }

  protected override render(): TemplateResult {
    const stats = this.#stats;
    const words = caption(stats);
    const name = stats.name ?? this.camera;
    const spoken = `Camera ${name}: ${words.state.toLowerCase()}`;
    return html`
      <div class="picture" role="img" aria-label=${spoken}>${this.#view?.canvas}${this.#video}</div>
      ${this.#notice(words)}
      <div class="top">
        <div class="name"><slot name="name">${name}</slot></div>
        <div class="state" aria-hidden="true">${words.state}</div>
      </div>
      <div class="bottom">
        ${stats.state === "live" || this.#width > 0 ? this.#facts() : nothing}
        <div class="buttons">
          ${this.#button("Figures", "I", INFORM, () => {
            this.info = !this.info;
          })}
          ${document.fullscreenEnabled ? this.#button("Full screen", "F", ENLARGE, () => this.#toggleFullscreen()) : nothing}
        </div>
      </div>
      ${this.info ? infoPanel(stats, this.#wish, (wish) => this.#choose(wish)) : nothing}
      <div class="spoken" aria-live=${this.ariaLive ?? "polite"}>${spoken}</div>
    `;
  }

  #notice(words: Caption): TemplateResult | typeof nothing {
    if (words.notice === undefined) return nothing;
    const waiting = this.#stats.state === "connecting" || this.#stats.state === "opening";
    return html`
      <div class="notice ${waiting ? "wait" : ""}">
        <div class="plate">
          <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">${waiting ? WAITING : TROUBLE}</svg>
          <strong>${words.notice}</strong>
          ${words.detail === undefined ? nothing : html`<span>${words.detail}</span>`}
        </div>
      </div>
    `;
  }

  #facts(): TemplateResult {
    return html`
      <dl class="facts">
        ${this.#stats.state === "live" ? this.#pace() : nothing}
        ${this.#width > 0 ? fact("size", "Size", `${this.#width} × ${this.#height}`, "") : nothing}
      </dl>
    `;
  }

  #pace(): TemplateResult {
    const { ageMs, ageP50Ms, fps } = this.#stats;
    // The median: a number that jumps four times a second cannot be read.
    const shown = ageP50Ms ?? ageMs;
    const old = shown === undefined ? undefined : age(shown);
    return html`
      ${old === undefined ? nothing : fact("age", "Age of the picture", old.value, `${old.unit} old`)}
      ${fps === 0 ? nothing : fact("fps", "Pictures per second", fps < 9.95 ? fps.toFixed(1) : fps.toFixed(0), "fps")}
    `;
  }

  #button(name: string, key: string, mark: TemplateResult, press: () => void): TemplateResult {
    return html`
      <button type="button" title=${`${name} (${key})`} aria-label=${name} @click=${press}>
        <svg viewBox="0 0 24 24" aria-hidden="true">${mark}</svg>
      </button>
    `;
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
    const changed = stats.state !== this.#stats.state;
    this.#stats = stats;
    this.dataset["state"] = stats.state;
    this.dataset["decoder"] = stats.way?.decoder ?? "";
    if (stats.width > 0 && (stats.width !== this.#width || stats.height !== this.#height)) {
      this.#width = stats.width;
      this.#height = stats.height;
      this.style.setProperty("--hello-camera-ratio", String(stats.width / stats.height));
    }
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

function fact(kind: string, label: string, value: string, unit: string): TemplateResult {
  return html`
    <div class=${kind} title=${label}>
      <dt>${label}</dt>
      <dd><span class="number">${value}</span>${unit === "" ? nothing : html` <span class="unit">${unit}</span>`}</dd>
    </div>
  `;
}
