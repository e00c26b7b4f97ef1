import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CameraInfo } from "../../protocol/index.ts";
import { Backdrop } from "../backdrop.ts";
import type { HelloCamera } from "../hello-camera.ts";
import type { Link } from "../index.ts";
import { connecting, noCamera, nothingFound } from "./cards.ts";
import { fit, isMany } from "./fit.ts";
import { fillScreen } from "./full-screen.ts";
import { cameraHead, isSearched, wallHead } from "./head.ts";
import { help, showHelp } from "./help.ts";
import { move } from "./moves.ts";
import { find } from "./search.ts";
import { Spoken } from "./spoken.ts";

const TITLE = "hello-websocket";

/** What lies over the whole page: the keys are not for what is behind it. */
const OPEN_DIALOG = "dialog[open], hello-account[sharing]";

/** How tiles are shown. */
export interface WallOptions {
  /** The server's WebSocket, as seen from the page. */
  readonly source: string;
  /** What somebody asks for in place of the best; empty: nothing. */
  readonly track: string;
  readonly decoder: string;
}

/**
 * All cameras of a server, and one of them enlarged: that whose id stands behind the `#` of the address. A tile that is not
 * shown keeps its element and its last picture, and asks for nothing.
 */
export class Wall {
  readonly #options: WallOptions;
  readonly #spoken = new Spoken();
  #known: readonly CameraInfo[] | undefined;
  #link: Link | undefined;
  #words = "";
  #troubled = false;
  #said = "";
  /** The tile that the keyboard is at. */
  #current: string | undefined;
  #columns = 1;
  #backdrop: Backdrop | undefined;

  constructor(options: WallOptions) {
    this.#options = options;
    addEventListener("hashchange", () => this.#turn());
    addEventListener("resize", () => this.#arrange());
    document.addEventListener("fullscreenchange", () => this.draw());
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** The cameras, `undefined` until the server has told them, and how the connection stands. */
  update(known: readonly CameraInfo[] | undefined, link: Link | undefined): void {
    this.#known = known;
    this.#link = link;
    if (known !== undefined) this.#said = this.#spoken.update(known) ?? this.#said;
    this.draw();
  }

  /** Show what is to be shown now. */
  draw(): void {
    const shown = this.#shown;
    document.title = this.#title(shown);
    render(this.#page(shown), document.body);
    this.#arrange();
  }

  /** The camera that fills the page: the enlarged one, or the only one. */
  get #large(): CameraInfo | undefined {
    const known = this.#known ?? [];
    return known.find(({ id }) => `#${id}` === location.hash) ?? (known.length === 1 ? known[0] : undefined);
  }

  get #shown(): readonly CameraInfo[] {
    const large = this.#large;
    if (large !== undefined) return [large];
    return find(this.#known ?? [], { words: this.#words, troubled: this.#troubled });
  }

  #title(shown: readonly CameraInfo[]): string {
    const [first, second] = shown;
    if (first === undefined) return TITLE;
    return `${second === undefined ? first.name : `${shown.length} cameras`} – ${TITLE}`;
  }

  #page(shown: readonly CameraInfo[]): TemplateResult {
    const known = this.#known;
    return html`
      <header>${this.#head()}</header>
      <main @click=${this.#click} @focusin=${this.#focused}>
        ${known === undefined ? connecting(this.#link) : known.length === 0 ? noCamera() : this.#wall(known, shown)}
      </main>
      <div class="spoken" role="status">${this.#said}</div>
      ${help(() => this.#focus(this.#large?.id ?? this.#current))}
    `;
  }

  #head(): TemplateResult {
    const known = this.#known;
    const lost = known !== undefined && this.#link?.state === "lost";
    const large = this.#large;
    if (known !== undefined && known.length > 1 && large !== undefined) {
      return cameraHead(
        large,
        { known, lost, link: this.#link },
        { back: this.#back, step: (id) => this.#step(id) },
      );
    }
    return wallHead(
      { known: known ?? [], lost, link: this.#link, words: this.#words, troubled: this.#troubled },
      {
        search: (words) => this.#search(words),
        trouble: () => {
          this.#troubled = !this.#troubled;
          this.draw();
        },
      },
    );
  }

  #wall(known: readonly CameraInfo[], shown: readonly CameraInfo[]): TemplateResult {
    const { source, track, decoder } = this.#options;
    const large = this.#large;
    const visible = new Set(shown.map(({ id }) => id));
    const backdrop = large === undefined && isMany(shown.length) ? this.#behind : undefined;
    const current = shown.find(({ id }) => id === this.#current) ?? shown[0];
    const tile = ({ id, name }: CameraInfo): TemplateResult => html`
      <hello-camera
        camera=${id}
        src=${source}
        track=${track}
        decoder=${decoder}
        .backdrop=${backdrop}
        aria-live="off"
        tabindex=${large === undefined ? -1 : 0}
        ?hidden=${!visible.has(id)}
      >${
        large === undefined
          ? html`<a slot="name" href=${`#${id}`} title="Enlarge" tabindex=${id === current?.id ? 0 : -1}>${name}</a>`
          : nothing
      }</hello-camera>
    `;
    return html`
      <div class=${large === undefined ? "wall" : "wall single"} role="group" aria-label="Cameras" ?hidden=${shown.length === 0}>
        ${backdrop?.canvas}
        ${repeat(known, ({ id }) => id, tile)}
      </div>
      ${shown.length > 0 ? nothing : nothingFound(this.#words, () => this.#search(""))}
    `;
  }

  get #behind(): Backdrop | undefined {
    this.#backdrop ??= Backdrop.on(this.#options.source);
    return this.#backdrop;
  }

  #search(words: string): void {
    this.#words = words;
    if (words === "") this.#troubled = false;
    this.draw();
  }

  readonly #click = (event: MouseEvent): void => {
    if (this.#large !== undefined || event.defaultPrevented || event.button !== 0) return;
    const path = event.composedPath().filter((node) => node instanceof Element);
    const tile = path.find((node) => node.matches("hello-camera"));
    const inside = path.slice(0, tile === undefined ? 0 : path.indexOf(tile));
    // Buttons, menus and links mean something of their own.
    if (
      tile === undefined ||
      inside.some((node) => node.matches("a, button, input, select, .info, .panel, .menu"))
    )
      return;
    location.hash = tile.getAttribute("camera") ?? "";
  };

  readonly #focused = (event: FocusEvent): void => {
    const tile = event.target instanceof Element ? event.target.closest("hello-camera") : null;
    const id = tile?.getAttribute("camera") ?? undefined;
    if (id === undefined || id === this.#current) return;
    this.#current = id;
    this.draw();
  };

  readonly #back = (event?: Event): void => {
    event?.preventDefault();
    this.#current = this.#large?.id ?? this.#current;
    history.pushState(undefined, "", location.pathname + location.search);
    this.#turn();
  };

  // From one large camera to the next: the way back leads to the wall, not through all of them.
  #step(id: string): void {
    history.replaceState(history.state, "", `#${id}`);
    this.#turn();
  }

  // Another camera is the large one, or none.
  #turn(): void {
    const large = this.#large;
    if (large !== undefined) this.#current = large.id;
    this.draw();
    this.#focus(this.#current);
  }

  #tile(id: string | undefined): HelloCamera | null {
    return document.querySelector(`hello-camera[camera="${id ?? ""}"]`);
  }

  #focus(id: string | undefined): void {
    const tile = this.#tile(id);
    const link = tile?.querySelector<HTMLElement>("a");
    (link ?? tile)?.focus({ preventScroll: true });
    tile?.scrollIntoView({ block: "nearest" });
  }

  #press(event: KeyboardEvent): void {
    const typing = event.composedPath()[0];
    const dialog = document.querySelector(OPEN_DIALOG);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog !== null) return;
    if (typing instanceof HTMLInputElement || typing instanceof HTMLSelectElement) {
      if (typing.type === "search") this.#type(event);
      return;
    }
    // Where one camera fills the page nobody has to say which one is meant.
    if (typing === document.body) this.#tile(this.#large?.id)?.press(event);
    if (!event.defaultPrevented && this.#act(event.key)) event.preventDefault();
  }

  // In the search field: to what it finds, or out of it.
  #type(event: KeyboardEvent): void {
    const [first] = this.#shown;
    if (event.key === "Escape") this.#search("");
    else if ((event.key !== "Enter" && event.key !== "ArrowDown") || first === undefined) return;
    event.preventDefault();
    this.#current = this.#shown.find(({ id }) => id === this.#current)?.id ?? first?.id;
    if (event.key === "Enter" && first !== undefined) location.hash = first.id;
    else this.#focus(this.#current);
  }

  /** Whether the key has a meaning here. */
  #act(key: string): boolean {
    const enlarged = this.#large !== undefined && (this.#known?.length ?? 0) > 1;
    if (key === "?") showHelp();
    else if (key === "w" || key === "W") fillScreen();
    else if (key === "Escape" && enlarged) this.#back();
    else if (key === "Escape" && (this.#words !== "" || this.#troubled)) this.#search("");
    else if (key === "/") return this.#seek();
    else if (/^[1-9]$/.test(key)) return this.#enlarge(Number(key) - 1);
    else return this.#move(key, enlarged);
    return true;
  }

  #seek(): boolean {
    if (this.#large !== undefined && isSearched(this.#known ?? [])) this.#back();
    const field = document.querySelector<HTMLInputElement>("input[type=search]");
    field?.focus();
    field?.select();
    return field !== null;
  }

  #enlarge(index: number): boolean {
    const cameras = this.#large === undefined ? this.#shown : (this.#known ?? []);
    const camera = cameras[index];
    if (camera === undefined || cameras.length === 1) return false;
    if (this.#large === undefined) location.hash = camera.id;
    else this.#step(camera.id);
    return true;
  }

  #move(key: string, enlarged: boolean): boolean {
    const cameras = enlarged ? (this.#known ?? []) : this.#shown;
    const id = enlarged ? this.#large?.id : this.#current;
    const from = cameras.findIndex((camera) => camera.id === id);
    const to = move(key, from, { count: cameras.length, columns: enlarged ? cameras.length : this.#columns });
    const camera = to === undefined ? undefined : cameras[to];
    if (camera === undefined) return false;
    if (enlarged) this.#step(camera.id);
    else this.#focus(camera.id);
    return true;
  }

  #arrange(): void {
    const main = document.querySelector("main");
    const wall = document.querySelector<HTMLElement>(".wall:not(.single)");
    if (main !== null && wall !== null) this.#columns = fit(wall, main, this.#shown.length);
    this.#backdrop?.arrange();
  }
}
