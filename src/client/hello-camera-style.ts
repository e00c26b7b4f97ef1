import { type CSSResult, css } from "lit";

/** The look of `<hello-camera>`. White on a dimmed picture in both colour schemes: pictures have none. */
export const elementStyle: CSSResult = css`
  :host {
    --good: #3ddc84;
    --fair: #ffc247;
    --bad: #ff6b60;
    --idle: #a9b1bb;
    --tone: var(--idle);
    --plate: rgb(10 13 17 / 0.76);
    display: block;
    position: relative;
    overflow: hidden;
    aspect-ratio: var(--hello-camera-ratio, 16 / 9);
    container-type: inline-size;
    background: #0b0d10;
    color: #fff;
    font: 500 0.875rem / 1.35 system-ui, sans-serif;
    font-variant-numeric: tabular-nums;
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]) {
    display: none;
  }
  :host(:focus-visible) {
    outline: 3px solid var(--hello-camera-focus, #6ea8ff);
    outline-offset: 2px;
  }
  :host(:fullscreen) {
    aspect-ratio: auto;
    border-radius: 0;
    outline: none;
  }
  :host([data-state="live"]) {
    --tone: var(--good);
  }
  :host([data-state="stale"]) {
    --tone: var(--fair);
  }
  :host([data-state="stalled"]),
  :host([data-state="gone"]),
  :host([data-state="lost"]) {
    --tone: var(--bad);
  }

  .top,
  .bottom {
    position: absolute;
    inset-inline: 0;
    display: flex;
    align-items: flex-start;
    justify-content: space-between;
    gap: 0.5em;
    padding: 0.6em;
    pointer-events: none;
  }
  .top {
    inset-block-start: 0;
  }
  .bottom {
    inset-block-end: 0;
    align-items: flex-end;
  }

  /* Readable on any picture, a white one too, and the picture around it stays as it is. */
  .name,
  .state,
  .facts,
  .said span,
  .buttons button {
    box-sizing: border-box;
    block-size: 2em;
    padding: 0 0.7em;
    border-radius: 0.5em;
    line-height: 2em;
    background: var(--plate);
  }

  .name {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 600;
    pointer-events: auto;
  }
  ::slotted(a) {
    color: inherit;
    text-decoration: none;
  }

  .state {
    flex: none;
    display: inline-flex;
    align-items: center;
    gap: 0.5em;
  }
  .state::before {
    content: "";
    inline-size: 0.55em;
    block-size: 0.55em;
    border-radius: 50%;
    background: var(--tone);
    box-shadow: 0 0 0 3px color-mix(in srgb, var(--tone) 28%, transparent);
  }

  /* What is not live says so without being read. */
  :host(:is([data-state="stale"], [data-state="stalled"], [data-state="gone"], [data-state="lost"])) .state,
  .facts:has(.old) {
    background: color-mix(in srgb, var(--tone) 22%, #14181d);
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--tone) 70%, transparent);
  }
  :host([data-late][data-state="live"]) .age .number {
    color: var(--fair);
  }

  .facts {
    flex: 0 1 auto;
    min-inline-size: 0;
    display: flex;
    align-items: baseline;
    gap: 0.95em;
    margin: 0;
    white-space: nowrap;
    overflow: hidden;
  }
  .facts div {
    display: flex;
    align-items: baseline;
    gap: 0.3em;
  }
  dt {
    position: absolute;
    clip-path: inset(50%);
  }
  dd {
    margin: 0;
  }
  .number {
    font-weight: 600;
  }
  .unit,
  .size .number {
    font-weight: 500;
    color: #cbd1d8;
  }

  .buttons {
    flex: none;
    display: flex;
    gap: 0.3em;
    margin-inline-start: auto;
  }
  button {
    font-size: inherit;
    color: inherit;
    cursor: pointer;
    pointer-events: auto;
  }
  .buttons button {
    position: relative;
    flex: none;
    inline-size: 2.25em;
    block-size: 2.25em;
    padding: 0.5em;
    border: 0;
  }
  .buttons button:hover:not(:disabled) {
    background: rgb(52 60 70 / 0.9);
  }
  .buttons button[aria-pressed="true"] {
    background: rgb(66 84 110 / 0.92);
  }
  .buttons button:disabled {
    color: rgb(255 255 255 / 0.45);
    cursor: default;
  }
  .buttons button:focus-visible {
    outline: 2px solid #fff;
  }
  /* A finger is wider than a pointer. */
  @media (pointer: coarse) {
    .buttons button {
      inline-size: 2.5rem;
      block-size: 2.5rem;
      padding: 0.55rem;
    }
  }
  @supports not selector(:popover-open) {
    .more,
    .menu {
      display: none;
    }
  }
  svg {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .said {
    position: absolute;
    inset-inline: 0;
    inset-block-end: 3.4em;
    display: grid;
    justify-items: center;
    padding: 0 0.6em;
    pointer-events: none;
  }
  .said span {
    block-size: auto;
    max-inline-size: 100%;
    overflow-wrap: anywhere;
    animation: appear 0.15s;
  }

  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  /* Alone in its window. */
  :host([floating]) {
    block-size: 100%;
    aspect-ratio: auto;
    border-radius: 0;
  }

  @container (inline-size < 44rem) {
    .large {
      display: none;
    }
  }
  @container (inline-size < 26rem) {
    .size,
    .small {
      display: none !important;
    }
  }
  /* On a small tile nothing lies on the picture that nobody asks for. */
  @container (inline-size < 22rem) {
    .top,
    .bottom {
      padding: 0.45em;
      font-size: 0.8125rem;
    }
    .said {
      inset-block-end: 2.9em;
      font-size: 0.75rem;
    }
    .said span {
      line-height: 1.5;
    }
  }
  @container (inline-size < 15rem) {
    .fps {
      display: none !important;
    }
  }
  @media (hover: hover) {
    @container (inline-size < 26rem) {
      .more {
        opacity: 0;
      }
      :host(:is(:hover, :focus-within, :focus)) .more {
        opacity: 1;
      }
    }
  }
  @container (inline-size > 90rem) {
    .top,
    .bottom {
      font-size: 1.0625rem;
    }
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .said span {
      animation: none;
    }
  }
`;
