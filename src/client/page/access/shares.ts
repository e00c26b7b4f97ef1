import {
  type CSSResultGroup,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CameraInfo } from "../../../protocol/index.ts";
import { qrCode } from "./qr-code.ts";
import {
  addressOf,
  listShares,
  makeShare,
  remaining,
  revokeShare,
  type ShareLink,
  type ShareWish,
} from "./share-links.ts";
import { accessStyle } from "./style.ts";

/** How often the list is asked for while it is looked at, in ms. */
const REFRESH_MS = 5_000;

const HOUR = 3600;

const LIVES: readonly (readonly [seconds: number, text: string])[] = [
  [HOUR, "an hour"],
  [24 * HOUR, "a day"],
  [7 * 24 * HOUR, "a week"],
  [30 * 24 * HOUR, "30 days"],
  [365 * 24 * HOUR, "a year"],
];

/** The dialog in which an admin makes, copies, shows and revokes share links. Event: `close`. */
export class HelloShares extends LitElement {
  /** Properties that are drawn. */
  static override properties: PropertyDeclarations = { cameras: { attribute: false } };

  /** The look. */
  static override styles: CSSResultGroup = accessStyle;

  /** The cameras that one may share. */
  declare cameras: readonly CameraInfo[];

  #shares: readonly ShareLink[] = [];
  #code: { readonly id: string; readonly picture: TemplateResult } | undefined;
  #copied: string | undefined;
  #error: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.cameras = [];
  }

  /** It is on the page. */
  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_MS);
    void this.#refresh();
  }

  /** It is no longer on the page. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  /** It is drawn for the first time. */
  protected override firstUpdated(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  /** What is drawn. */
  protected override render(): TemplateResult {
    return html`
      <dialog aria-labelledby="title" @close=${() => this.dispatchEvent(new Event("close"))}>
        <h2>
          <span id="title">Share links</span>
          <button type="button" @click=${() => this.renderRoot.querySelector("dialog")?.close()}>Close</button>
        </h2>
        ${this.#form()}
        <ul aria-label="Share links">
          ${repeat(
            this.#shares.toReversed(),
            ({ id }) => id,
            (share) => this.#entry(share),
          )}
        </ul>
      </dialog>
    `;
  }

  #form(): TemplateResult {
    return html`
      <form @submit=${(event: SubmitEvent) => this.#make(event)}>
        <fieldset aria-label="Cameras">
          ${repeat(
            this.cameras,
            ({ id }) => id,
            ({ id, name }) =>
              html`<label>
                <input type="checkbox" name="camera" value=${id} ?checked=${this.cameras.length === 1} />${name}
              </label>`,
          )}
        </fieldset>
        <label>For whom<input name="name" maxlength="100" placeholder="the neighbours" autocomplete="off" /></label>
        <label>May
          <select name="role">
            <option value="view">watch</option>
            <option value="control">watch and adjust</option>
          </select>
        </label>
        <label>For
          <select name="seconds">
            ${LIVES.map(([seconds, text]) => html`<option value=${seconds} ?selected=${seconds === 24 * HOUR}>${text}</option>`)}
          </select>
        </label>
        <label>Viewers at once<input name="maxViewers" type="number" min="1" max="16384" placeholder="any number" /></label>
        ${this.#error === undefined ? nothing : html`<p class="error" role="alert">${this.#error}</p>`}
        <button class="main wide">Make a link</button>
      </form>
    `;
  }

  #entry(share: ShareLink): TemplateResult {
    const { id, name, cameras, role, viewers, maxViewers, endsAt } = share;
    const of = maxViewers === undefined ? "" : ` of ${maxViewers}`;
    const address = addressOf(share, document.baseURI);
    return html`
      <li>
        <strong>${name ?? cameras.map((camera) => this.#nameOf(camera)).join(", ")}</strong>
        <p>
          ${name === undefined ? nothing : html`${cameras.map((camera) => this.#nameOf(camera)).join(", ")} · `}
          ${role === "view" ? "watch" : "watch and adjust"} · ${viewers}${of} watching · ends in ${remaining(endsAt, Date.now())}
        </p>
        <div class="row">
          <input readonly aria-label="Link" .value=${address} @focus=${selectAll} />
          <button type="button" @click=${(event: Event) => this.#copy(share, event)}>
            ${this.#copied === id ? "Copied" : "Copy"}
          </button>
          <button type="button" aria-expanded=${this.#code?.id === id} @click=${() => this.#show(share)}>QR code</button>
          <button type="button" @click=${() => this.#revoke(id)}>Revoke</button>
        </div>
        ${this.#code?.id === id ? this.#code.picture : nothing}
      </li>
    `;
  }

  #nameOf(camera: string): string {
    return this.cameras.find(({ id }) => id === camera)?.name ?? camera;
  }

  async #make(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const named = fields.get("name");
    const name = typeof named === "string" ? named.trim() : "";
    const maxViewers = Number(fields.get("maxViewers"));
    const wish: ShareWish = {
      cameras: fields.getAll("camera").map(String),
      role: fields.get("role") === "control" ? "control" : "view",
      seconds: Number(fields.get("seconds")),
      ...(name === "" ? {} : { name }),
      ...(maxViewers > 0 ? { maxViewers } : {}),
    };
    if (wish.cameras.length === 0) return this.#complain("Choose a camera, or several");
    await this.#try(async () => void (await makeShare(wish)));
  }

  async #revoke(id: string): Promise<void> {
    await this.#try(() => revokeShare(id));
  }

  async #refresh(): Promise<void> {
    try {
      this.#shares = await listShares();
    } catch {
      // The list stays as it is until the server answers again.
    }
    this.requestUpdate();
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.#error = undefined;
    try {
      await act();
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error));
    }
    await this.#refresh();
  }

  #complain(sentence: string): void {
    this.#error = sentence;
    this.requestUpdate();
  }

  async #show(share: ShareLink): Promise<void> {
    const { id } = share;
    this.#code =
      this.#code?.id === id
        ? undefined
        : { id, picture: await qrCode(addressOf(share, document.baseURI), "The link as a QR code") };
    this.requestUpdate();
  }

  async #copy(share: ShareLink, event: Event): Promise<void> {
    const field = (event.target as HTMLElement).parentElement?.querySelector("input");
    field?.select();
    // Over plain http a browser has no clipboard for scripts: what is selected can be copied all the same.
    if (navigator.clipboard === undefined) document.execCommand("copy");
    else await navigator.clipboard.writeText(addressOf(share, document.baseURI)).catch(() => {});
    this.#copied = share.id;
    this.requestUpdate();
  }
}

function selectAll(event: Event): void {
  (event.target as HTMLInputElement).select();
}
