import { html, type TemplateResult } from "lit";
import { type Box, beside } from "./anchor.ts";
import { MARKS } from "./marks.ts";
import { icon } from "./toolbar.ts";

/** A tile that is smaller than this, in CSS pixels, has its panel beside it and not on it. */
const ROOM_WIDTH_PX = 520;
const ROOM_HEIGHT_PX = 380;

/** A window that is narrower than this has its panel along its lower edge. */
const SHEET_WIDTH_PX = 640;

/** What a panel shows. */
export interface PanelContent {
  readonly title: string;
  /** Of the camera: a panel may stand beside its tile. */
  readonly name: string;
  /** Class of what is in it. */
  readonly kind: string;
  readonly body: TemplateResult;
  /** Close it. */
  close(): void;
}

/** A panel of a tile. {@link placePanel} puts it where there is room. */
export function panel(content: PanelContent): TemplateResult {
  const { title, name, kind, body } = content;
  return html`
    <section class="panel" popover="manual" tabindex="-1" role="dialog" aria-label=${`${title}: ${name}`}>
      <header>
        <h2>${title} <span>${name}</span></h2>
        <button type="button" title="Close (Esc)" aria-label="Close" @click=${() => content.close()}>${icon(MARKS.close)}</button>
      </header>
      <div class=${kind}>${body}</div>
    </section>
  `;
}

/**
 * Put a panel on its tile where that has room, else above everything, beside the tile or along the lower edge of the window: then the
 * tile says so with `data-sheet`, and a page may make room. `null`: there is none.
 */
export function placePanel(element: HTMLElement | null, tile: HTMLElement): void {
  if (element === null) delete tile.dataset["sheet"];
  if (typeof element?.showPopover !== "function") return;
  const small = tile.clientWidth < ROOM_WIDTH_PX || tile.clientHeight < ROOM_HEIGHT_PX;
  const lifted = element.matches(":popover-open");
  if (small !== lifted) element.togglePopover(small);
  const { style } = element;
  const sheet = innerWidth < SHEET_WIDTH_PX;
  element.classList.toggle("sheet", small && sheet);
  tile.toggleAttribute("data-sheet", small && sheet);
  if (!small || sheet) {
    style.removeProperty("left");
    style.removeProperty("top");
    return;
  }
  const { left, top } = beside(boxOf(tile), boxOf(element), { width: innerWidth, height: innerHeight }, [
    "right",
    "left",
  ]);
  style.left = `${left}px`;
  style.top = `${top}px`;
}

/** Put an open menu beside the button that it belongs to. */
export function placeMenu(menu: HTMLElement, button: HTMLElement): void {
  const room = { width: innerWidth, height: innerHeight };
  const { left, top } = beside(boxOf(button), boxOf(menu), room, ["above", "below"]);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
  menu.classList.add("placed");
}

function boxOf(element: HTMLElement): Box {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left, top, width, height };
}
