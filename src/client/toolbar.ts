import { html, nothing, type TemplateResult } from "lit";
import { MARKS } from "./marks.ts";

/** Something that can be done with a picture. */
export interface Tool {
  readonly name: string;
  /** What to press for it, as a person reads it: `R`, `Shift R`. */
  readonly keyName: string;
  /** What to press for it, as the browser says it, in small letters; `shift+` before it where that is held. */
  readonly keys: readonly string[];
  readonly mark: TemplateResult;
  /** The tile on which it has a button of its own; elsewhere it stands in the menu. */
  readonly button: "small" | "large" | "never";
  /** Whether it makes sense now. */
  readonly enabled?: boolean;
  /** It is a switch, and on. */
  readonly on?: boolean;
  /** Do it. */
  press(): void;
}

/** The menu that holds what has no button. */
export interface ToolMenu {
  readonly open: boolean;
  /** It is about to be opened or closed. */
  toggles(open: boolean): void;
  /** It is open. */
  opened(menu: HTMLElement): void;
}

/** The tool that a key is for. */
export function toolOf(tools: readonly Tool[], event: KeyboardEvent): Tool | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  return (
    tools.find(({ keys }) => event.shiftKey && keys.includes(`shift+${key}`)) ??
    tools.find(({ keys }) => keys.includes(key))
  );
}

/** The buttons of a tile: as many as it has room for, and one for the menu of all. */
export function toolbar(tools: readonly Tool[], menu: ToolMenu): TemplateResult {
  return html`
    <div class="buttons">
      ${tools.map((tool) => (tool.button === "never" ? nothing : button(tool)))}
      <button
        type="button"
        class="more"
        popovertarget="menu"
        aria-haspopup="menu"
        title="More (.)"
        aria-label="More"
      >${icon(MARKS.more)}</button>
    </div>
    <div
      id="menu"
      class="menu"
      popover="auto"
      role="menu"
      aria-label="More"
      @beforetoggle=${(event: ToggleEvent) => menu.toggles(event.newState === "open")}
      @toggle=${(event: ToggleEvent) => event.newState === "open" && menu.opened(event.target as HTMLElement)}
      @keydown=${walk}
    >${menu.open ? tools.map(item) : nothing}</div>
  `;
}

function button(tool: Tool): TemplateResult {
  return html`
    <button
      type="button"
      class="tool ${tool.button}"
      title=${`${tool.name} (${tool.keyName})`}
      aria-label=${tool.name}
      aria-pressed=${tool.on === undefined ? nothing : String(tool.on)}
      ?disabled=${tool.enabled === false}
      @click=${() => tool.press()}
    >${icon(tool.mark)}</button>
  `;
}

function item(tool: Tool): TemplateResult {
  const press = (event: Event): void => {
    (event.currentTarget as HTMLElement).closest<HTMLElement>(".menu")?.hidePopover();
    tool.press();
  };
  return html`
    <button
      type="button"
      role=${tool.on === undefined ? "menuitem" : "menuitemcheckbox"}
      aria-checked=${tool.on === undefined ? nothing : String(tool.on)}
      tabindex="-1"
      ?disabled=${tool.enabled === false}
      @click=${press}
    >${icon(tool.mark)}<span>${tool.name}</span><kbd>${tool.keyName}</kbd></button>
  `;
}

/** A mark in its frame. */
export function icon(mark: TemplateResult): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">${mark}</svg>`;
}

// Arrows go from item to item, and round.
function walk(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
  const at = items.indexOf(event.target as HTMLButtonElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items.at(to % items.length)?.focus();
}
