import { html, nothing, svg, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { type CameraInfo, hasFailed } from "../../protocol/index.ts";
import type { Link } from "../index.ts";
import { fillScreen } from "./full-screen.ts";
import { showHelp } from "./help.ts";

/** With fewer cameras than this nobody needs to search. */
const SEARCH_FROM = 9;

const LEFT = svg`<path d="m15 5-7 7 7 7" />`;
const RIGHT = svg`<path d="m9 5 7 7-7 7" />`;
const FULL = svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5m11-5v5h-5" />`;
const KEYS = svg`<path d="M9.2 9.2a2.9 2.9 0 1 1 4.3 2.6c-1 .5-1.5 1.1-1.5 2.2m0 3.2v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z" />`;

/** What both heads show. */
interface Facts {
  readonly known: readonly CameraInfo[];
  /** The connection to the server is lost. */
  readonly lost: boolean;
  readonly link: Link | undefined;
}

/** Whether there are enough cameras to search among. */
export function isSearched(known: readonly CameraInfo[]): boolean {
  return known.length >= SEARCH_FROM;
}

/** The head of the wall: how many cameras there are, how many of them fail, and the way to find one. */
export function wallHead(
  { known, lost, link, words, troubled }: Facts & { readonly words: string; readonly troubled: boolean },
  acts: { readonly search: (words: string) => void; readonly trouble: () => void },
): TemplateResult {
  const failed = known.filter(hasFailed).length;
  const many = known.length > 1;
  return html`
    <a class="brand" href="#"><span class="lens" aria-hidden="true"></span><span class="word">hello-websocket</span></a>
    ${many ? html`<span class="count">${known.length} cameras</span>` : nothing}
    ${
      many && (failed > 0 || troubled)
        ? html`<button type="button" class="pill bad" aria-pressed=${troubled} title="Show only those without a picture" @click=${acts.trouble}>
            ${failed} <span class="word">without picture</span>
          </button>`
        : nothing
    }
    <span class="space"></span>
    ${disconnected(lost)}
    ${
      isSearched(known)
        ? html`<input
            type="search"
            placeholder="Search"
            aria-label="Search cameras"
            aria-keyshortcuts="/"
            autocomplete="off"
            spellcheck="false"
            .value=${live(words)}
            @input=${(event: Event) => acts.search((event.target as HTMLInputElement).value)}
          />`
        : nothing
    }
    <hello-account .link=${link} .cameras=${known}></hello-account>
    ${buttons()}
  `;
}

/** The head of one camera among others: the way back, and those to its neighbours. */
export function cameraHead(
  camera: CameraInfo,
  { known, lost, link }: Facts,
  acts: { readonly back: (event: Event) => void; readonly step: (id: string) => void },
): TemplateResult {
  const index = known.indexOf(camera);
  const way = (
    to: CameraInfo | undefined,
    word: string,
    key: string,
    mark: TemplateResult,
  ): TemplateResult => {
    if (to === undefined) return html`<span class="plain" aria-hidden="true"></span>`;
    const step = (event: Event): void => {
      event.preventDefault();
      acts.step(to.id);
    };
    return html`
      <a class="plain" href=${`#${to.id}`} title=${`${to.name} (${key})`} aria-label=${`${word}: ${to.name}`} @click=${step}>
        ${icon(mark)}
      </a>
    `;
  };
  return html`
    <a class="back" href="#" title="All cameras (Esc)" @click=${acts.back}>
      ${icon(LEFT)}<span>All ${known.length} cameras</span>
    </a>
    <span class="space"></span>
    ${disconnected(lost)}
    <nav aria-label="Cameras">
      ${way(known[index - 1], "Previous", "←", LEFT)}
      <span class="count">${index + 1} / ${known.length}</span>
      ${way(known[index + 1], "Next", "→", RIGHT)}
    </nav>
    <hello-account .link=${link} .cameras=${known}></hello-account>
    ${buttons()}
  `;
}

function disconnected(lost: boolean): TemplateResult | typeof nothing {
  return lost ? html`<span class="pill bad" role="status">Disconnected</span>` : nothing;
}

function buttons(): TemplateResult {
  return html`
    <span class="buttons">
      ${document.fullscreenEnabled ? button("Full screen", "W", FULL, fillScreen) : nothing}
      <span class="keys">${button("Keys", "?", KEYS, showHelp)}</span>
    </span>
  `;
}

function button(name: string, key: string, mark: TemplateResult, press: () => void): TemplateResult {
  return html`
    <button type="button" class="plain" title=${`${name} (${key})`} aria-label=${name} aria-keyshortcuts=${key} @click=${press}>
      ${icon(mark)}
    </button>
  `;
}

function icon(mark: TemplateResult): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">${mark}</svg>`;
}
