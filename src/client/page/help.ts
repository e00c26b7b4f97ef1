import { html, type TemplateResult } from "lit";

/** Keys, and what they do. */
type Keys = readonly (readonly [keys: readonly string[], meaning: string])[];

const WALL: Keys = [
  [["←", "↑", "↓", "→"], "From camera to camera"],
  [["Enter"], "Enlarge the camera"],
  [["1", "…", "9"], "Enlarge the first, … the ninth"],
  [["Esc"], "Back to all cameras"],
  [["/"], "Search"],
  [["W"], "All of the page on the full screen"],
  [["?"], "This help"],
];

const CAMERA: Keys = [
  [["F"], "Full screen"],
  [["I"], "Figures: age, rate, data"],
  [["C"], "The camera's controls"],
  [["S"], "Save a picture"],
  [["P"], "A window of its own"],
  [["R"], "Turn; with Shift the other way"],
  [["M"], "Mirror"],
  [["+", "-", "0"], "Enlarge, reduce, show all of it"],
];

/** What the keys do, in a dialog. */
export function help(close: () => void): TemplateResult {
  return html`
    <dialog class="help" aria-labelledby="help-title" closedby="any" @close=${close}>
      <form method="dialog">
        <h2 id="help-title">Keys</h2>
        <button class="plain" aria-label="Close" title="Close (Esc)">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18" /></svg>
        </button>
      </form>
      ${list("The wall", WALL)} ${list("A camera", CAMERA)}
    </dialog>
  `;
}

function list(title: string, keys: Keys): TemplateResult {
  return html`
    <h3>${title}</h3>
    <dl>
      ${keys.map(
        ([names, meaning]) => html`
          <div>
            <dt>${names.map((name) => (name === "…" ? html`<span>…</span>` : html`<kbd>${name}</kbd>`))}</dt>
            <dd>${meaning}</dd>
          </div>
        `,
      )}
    </dl>
  `;
}

/** Open the dialog. */
export function showHelp(): void {
  document.querySelector<HTMLDialogElement>("dialog.help")?.showModal();
}
