import { html, type TemplateResult } from "lit";
import type { Link } from "../index.ts";

/** In place of the wall: the server has no camera. */
export function noCamera(): TemplateResult {
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

/** In place of the wall: the server has not told its cameras. */
export function connecting(link: Link | undefined): TemplateResult {
  const lost = link?.state === "lost";
  return html`
    <section class="card" aria-live="polite">
      <span class="lens large ${lost ? "" : "wait"}" aria-hidden="true"></span>
      <h1>${lost ? "Not connected" : "Connecting"}</h1>
      <p>${lost ? `${link.reason ?? "The server does not answer"}. Trying again…` : "Asking the server for its cameras."}</p>
    </section>
  `;
}

/** In place of the wall: no camera is what somebody looks for. `all` shows all of them again. */
export function nothingFound(words: string, all: () => void): TemplateResult {
  return html`
    <section class="card">
      <h1>${words === "" ? "All cameras are well" : "No such camera"}</h1>
      <p>${words === "" ? "Each of them gives a picture." : html`None has “${words}” in its name.`}</p>
      <p><button type="button" class="pill" @click=${all}>Show all cameras</button></p>
    </section>
  `;
}
