/**
 * The page: a wall of all cameras, or the one named behind the `#` of its address. `?track=` and `?decoder=` say how
 * they are shown, for who wants to compare.
 * @module
 */
import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CameraInfo } from "../../protocol/index.ts";
import { HelloCamera } from "../hello-camera.ts";
import { type Link, listCameras } from "../index.ts";
import { HelloAccount } from "./access/account.ts";
import { HelloShares } from "./access/shares.ts";
import { layOut } from "./grid.ts";
import { Roster } from "./roster.ts";

const TITLE = "hello-websocket";

/** As seen from the page, so that it also works below a path of another server. */
const SOURCE = "ws";

const query = new URLSearchParams(location.search);
const track = query.get("track") ?? "";
const decoder = query.get("decoder") ?? "";

const TILE_RATIO = 16 / 9;
const TILE_MIN_WIDTH = 260;

/** How often a camera that vanished is looked after. */
const TIDY_EVERY_MS = 5_000;

const roster = new Roster();
let cameras: readonly CameraInfo[] | undefined;
let link: Link | undefined;

function draw(): void {
  const known = cameras === undefined ? undefined : roster.update(cameras, Date.now());
  const chosen = known?.find(({ id }) => `#${id}` === location.hash);
  const shown = chosen === undefined ? known : [chosen];
  document.title = title(shown);
  render(page(shown, known), document.body);
  arrange();
}

function title(shown: readonly CameraInfo[] | undefined): string {
  if (shown === undefined || shown.length === 0) return TITLE;
  const [first, second] = shown;
  return `${second === undefined ? first?.name : `${shown.length} cameras`} – ${TITLE}`;
}

function page(
  shown: readonly CameraInfo[] | undefined,
  known: readonly CameraInfo[] | undefined,
): TemplateResult {
  return html`
    <header>
      <a class="brand" href="#"><span class="lens" aria-hidden="true"></span>${TITLE}</a>
      ${
        shown !== undefined && known !== undefined && known.length > shown.length
          ? html`<a class="back" href="#">All ${known.length} cameras</a>`
          : nothing
      }
      <hello-account .link=${link} .cameras=${known ?? []}></hello-account>
      ${known !== undefined && link?.state === "lost" ? html`<span class="trouble">Disconnected</span>` : nothing}
    </header>
    <main>${shown === undefined ? unconnected() : shown.length === 0 ? empty() : wall(shown)}</main>
  `;
}

function wall(shown: readonly CameraInfo[]): TemplateResult {
  const single = shown.length === 1;
  return html`
    <div class="wall ${single ? "single" : ""}">
      ${repeat(
        shown,
        ({ id }) => id,
        ({ id, name }) => html`
          <hello-camera camera=${id} src=${SOURCE} track=${track} decoder=${decoder}>
            ${single ? nothing : html`<a slot="name" href=${`#${id}`}>${name}</a>`}
          </hello-camera>
        `,
      )}
    </div>
  `;
}

function empty(): TemplateResult {
  return html`
    <section class="card">
      <span class="lens large" aria-hidden="true"></span>
      <h1>No camera yet</h1>
      <p>Start a recorder, and its picture appears here by itself:</p>
      <pre><code>hello-websocket recorder --camera front=/dev/video0</code></pre>
      <p>No camera at hand? A moving test picture will do:</p>
      <pre><code>hello-websocket recorder --camera demo=test:</code></pre>
    </section>
  `;
}

function unconnected(): TemplateResult {
  const lost = link?.state === "lost";
  return html`
    <section class="card" aria-live="polite">
      <span class="lens large ${lost ? "" : "wait"}" aria-hidden="true"></span>
      <h1>${lost ? "Not connected" : "Connecting"}</h1>
      <p>${lost ? `${link?.reason ?? "The server does not answer"}. Trying again…` : "Asking the server for its cameras."}</p>
    </section>
  `;
}

// The wall's columns depend on the room it has, which style sheets cannot weigh against the number of tiles.
function arrange(): void {
  const main = document.querySelector("main");
  const element = document.querySelector<HTMLElement>(".wall:not(.single)");
  if (main === null || element === null) return;
  const style = getComputedStyle(main);
  const pixels = (value: string): number => Number.parseFloat(value) || 0;
  const grid = layOut(element.childElementCount, {
    width: main.clientWidth - pixels(style.paddingLeft) - pixels(style.paddingRight),
    height: main.clientHeight - pixels(style.paddingTop) - pixels(style.paddingBottom),
    gap: pixels(getComputedStyle(element).columnGap),
    ratio: TILE_RATIO,
    minWidth: TILE_MIN_WIDTH,
  });
  element.style.setProperty("--columns", String(grid.columns));
  element.style.setProperty("--tile", `${grid.tileWidth}px`);
}

customElements.define("hello-camera", HelloCamera);
customElements.define("hello-shares", HelloShares);
customElements.define("hello-account", HelloAccount);
addEventListener("hashchange", draw);
addEventListener("resize", arrange);
setInterval(() => {
  if (!document.hidden) draw();
}, TIDY_EVERY_MS);
listCameras(SOURCE, (directory, state) => {
  cameras = directory;
  link = state;
  draw();
});
