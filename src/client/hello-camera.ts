import {
  type CSSResult,
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
import { NO_STATS, type Stats } from "./stats.ts";
import { View } from "./view.ts";

const WAITING = svg`<path d="M12 3a9 9 0 1 0 9 9" />`;
const TROUBLE = svg`<path d="M12 8v5m0 3.5v.01M10.3 4.2 2.6 17.5A2 2 0 0 0 4.3 20.5h15.4a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0Z" />`;
const ENLARGE = svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5m11-5v5h-5" />`;

/**
 * A live camera as an element. `element.ts` registers it as `<hello-camera>`.
 *
 * Attributes: `camera` (its id), `src` (the server's WebSocket, default `/ws`), `track` (default `jpeg`). A child with
 * `slot="name"` stands in for the camera's name. Double click, the button or the key F: full screen.
 * Events: `stats` (four times a second) and `statechange`, both with {@link Stats} as `detail`.
 */
export class HelloCamera extends LitElement {
  /** Attributes. */
  static override properties: PropertyDeclarations = {
    camera: { type: String },
    src: { type: String },
    track: { type: String },
  };

  /** The look. */
  static override styles: CSSResult = elementStyle;

  /** Id of the camera. */
  declare camera: string;
  /** Address of the server's WebSocket, absolute or as seen from the page. */
  declare src: string;
  /** The encoding to watch. */
  declare track: string;

  #view: View | undefined;
  #stats: Stats = NO_STATS;
  #width = 0;
  #height = 0;

  constructor() {
    super();
    this.camera = "";
    this.src = DEFAULT_SOURCE;
    this.track = "jpeg";
    this.addEventListener("dblclick", (event) => {
      event.preventDefault();
      this.#toggleFullscreen();
    });
    this.addEventListener("keydown", (event) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && event.key.toLowerCase() === "f") this.#toggleFullscreen();
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
    if (this.#view === undefined || changed.has("src") || changed.has("track")) this.#watch();
    else if (changed.has("camera")) this.#view.camera = this.camera;
    if (changed.has("camera")) this.#width = 0;
  }

  protected override render(): TemplateResult {
    const stats = this.#stats;
    const words = caption(stats);
    const name = stats.name ?? this.camera;
    const spoken = `Camera ${name}: ${words.state.toLowerCase()}`;
    return html`
      <div class="picture" role="img" aria-label=${spoken}>${this.#view?.canvas}</div>
      ${this.#notice(words)}
      <div class="top">
        <div class="name"><slot name="name">${name}</slot></div>
        <div class="state" aria-hidden="true">${words.state}</div>
      </div>
      <div class="bottom">
        ${stats.state === "live" || this.#width > 0 ? this.#facts() : nothing}
        ${document.fullscreenEnabled ? this.#button() : nothing}
      </div>
      <div class="spoken" aria-live="polite">${spoken}</div>
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

  #button(): TemplateResult {
    return html`
      <button type="button" title="Full screen (F)" aria-label="Full screen" @click=${() => this.#toggleFullscreen()}>
        <svg viewBox="0 0 24 24" aria-hidden="true">${ENLARGE}</svg>
      </button>
    `;
  }

  #watch(): void {
    this.#unwatch();
    if (this.camera === "") return;
    // A canvas that was handed to a worker stays there: each view gets a new one.
    this.#view = new View(webSocketUrl(this.src, document.baseURI), this.camera, {
      track: this.track,
      told: (stats) => this.#told(stats),
    });
    this.requestUpdate();
  }

  #unwatch(): void {
    this.#view?.close();
    this.#view = undefined;
    this.#stats = NO_STATS;
  }

  #told(stats: Stats): void {
    const changed = stats.state !== this.#stats.state;
    this.#stats = stats;
    this.dataset["state"] = stats.state;
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
