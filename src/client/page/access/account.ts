import {
  type CSSResultGroup,
  html,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from "lit";
import { allows, type CameraInfo } from "../../../protocol/index.ts";
import type { Link } from "../../link.ts";
import { accessStyle } from "./style.ts";
import { askWho, tell, type Who } from "./who.ts";

/**
 * Who looks at the page, with what only some may do: share, and log out. When the server lets one in no longer, it leads to the form that
 * asks who one is.
 */
export class HelloAccount extends LitElement {
  /** Properties that are drawn. */
  static override properties: PropertyDeclarations = {
    link: { attribute: false },
    cameras: { attribute: false },
    sharing: { type: Boolean, reflect: true },
  };

  /** The look. */
  static override styles: CSSResultGroup = accessStyle;

  /** How the connection to the server stands. */
  declare link: Link | undefined;
  /** The cameras that one may share. */
  declare cameras: readonly CameraInfo[];
  /** The dialog with the share links is open. An attribute too: the page cannot look into this element for it. */
  declare sharing: boolean;

  #who: Who | undefined;
  #leaving = false;

  constructor() {
    super();
    this.cameras = [];
    this.sharing = false;
  }

  /** The connection came or went: who one is may have changed. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("link")) return;
    const state = this.link?.state;
    if (changed.get("link")?.state !== state && (state === "open" || state === "lost")) void this.#ask();
  }

  /** What is drawn. */
  protected override render(): TemplateResult | typeof nothing {
    const who = this.#who;
    if (who?.role === undefined) return nothing;
    const mayShare = who.shares === true && allows(who.role, "admin");
    return html`
      ${who.user === undefined ? nothing : html`<span class="user" title=${who.user}>${who.user}</span>`}
      ${mayShare ? html`<button type="button" @click=${() => this.#share(true)}>Share</button>` : nothing}
      ${
        who.session === true && allows(who.role, "view")
          ? html`<button type="button" @click=${() => this.#logout()}>Log out</button>`
          : nothing
      }
      ${
        this.sharing
          ? html`<hello-shares .cameras=${this.cameras} @close=${() => this.#share(false)}></hello-shares>`
          : nothing
      }
    `;
  }

  #share(sharing: boolean): void {
    this.sharing = sharing;
  }

  async #ask(): Promise<void> {
    const who = await askWho();
    if (who === undefined) return;
    this.#who = who;
    this.requestUpdate();
    if (who.role === undefined) this.#leave();
  }

  async #logout(): Promise<void> {
    await tell("POST", "logout").catch(() => {});
    this.#leave();
  }

  // Who logs out loses the connection as well, which asks who one is: a second way to the form would break the first off.
  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    location.assign("login");
  }
}
