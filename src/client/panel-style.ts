import { type CSSResult, css } from "lit";

/** The look of panels and menus: of the page that they stand on, light or dark. What is of one panel alone is in a sheet of its own. */
export const panelStyle: CSSResult = css`
  :host {
    --panel: #171b21;
    --panel-ink: #eef1f4;
    --panel-soft: #a6b0bb;
    --panel-line: rgb(255 255 255 / 0.14);
    --panel-field: #242a32;
    --panel-accent: #6ea8ff;
    --panel-wash: rgb(110 168 255 / 0.16);
    --panel-bad: #ff8a80;
  }
  @media (prefers-color-scheme: light) {
    :host {
      --panel: #fff;
      --panel-ink: #15191e;
      --panel-soft: #56606b;
      --panel-line: #d5dae0;
      --panel-field: #f0f2f5;
      --panel-accent: #2b6fe0;
      --panel-wash: rgb(43 111 224 / 0.13);
      --panel-bad: #b3261e;
    }
  }

  .panel,
  .menu {
    box-sizing: border-box;
    margin: 0;
    padding: 0;
    border: 1px solid var(--panel-line);
    border-radius: 0.75rem;
    background: var(--panel);
    box-shadow: 0 6px 28px rgb(0 0 0 / 0.3);
    color: var(--panel-ink);
    font-size: 0.875rem;
    font-weight: 450;
    line-height: 1.5;
    cursor: default;
    color-scheme: light dark;
    overscroll-behavior: contain;
    overflow: hidden auto;
  }
  /* On the tile, above its buttons; not shown as a popover, whose own style would hide it. */
  .panel {
    display: block;
    position: absolute;
    inset: auto 0.6rem 3.4rem auto;
    inline-size: min(21rem, 100% - 1.2rem);
    max-block-size: calc(100% - 4rem);
  }
  .panel:popover-open {
    position: fixed;
    inset: 0 auto auto 0;
    inline-size: min(21rem, 100vw - 1rem);
    max-block-size: calc(100dvh - 1rem);
  }
  .panel.sheet {
    inset: auto 0 0;
    inline-size: 100vw;
    max-block-size: 60dvh;
    border-inline-width: 0;
    border-block-end-width: 0;
    border-end-start-radius: 0;
    border-end-end-radius: 0;
    padding-block-end: env(safe-area-inset-bottom);
  }
  .panel:focus-visible {
    outline: none;
  }
  .panel header {
    position: sticky;
    inset-block-start: 0;
    z-index: 2;
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
    padding: 0.3rem 0.35rem 0.3rem 0.9rem;
    border-block-end: 1px solid var(--panel-line);
    background: var(--panel);
  }
  .panel h2 {
    min-inline-size: 0;
    margin: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.9375rem;
    font-weight: 650;
  }
  .panel h2 span {
    margin-inline-start: 0.3em;
    font-weight: 450;
    color: var(--panel-soft);
  }

  .panel button,
  .menu button {
    inline-size: auto;
    min-block-size: 2.25rem;
    block-size: auto;
    padding: 0.3rem 0.75rem;
    border: 1px solid var(--panel-line);
    border-radius: 0.5rem;
    background: var(--panel-field);
    color: inherit;
    font: inherit;
    line-height: 1.4;
  }
  .panel button:hover:not(:disabled),
  .menu button:hover:not(:disabled),
  .menu button:focus-visible {
    background: var(--panel-wash);
  }
  .panel :is(button, input, select):focus-visible,
  .menu button:focus-visible {
    outline: 2px solid var(--panel-accent);
    outline-offset: -1px;
  }
  .panel button:disabled,
  .menu button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  .panel header button,
  .panel .reset {
    flex: none;
    inline-size: 2.25rem;
    padding: 0.5rem;
    border-color: transparent;
    background: none;
  }

  /* Where it stands is known once it is there. */
  .menu {
    opacity: 0;
    inset: 0 auto auto 0;
    min-inline-size: 13.5rem;
    max-block-size: calc(100dvh - 1rem);
    padding: 0.3rem;
  }
  .menu.placed {
    opacity: 1;
  }
  .menu button {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    inline-size: 100%;
    border-color: transparent;
    background: none;
    text-align: start;
  }
  .menu svg {
    flex: none;
    inline-size: 1.25rem;
    block-size: 1.25rem;
  }
  .menu span {
    flex: auto;
  }
  .menu [aria-checked="true"] svg {
    color: var(--panel-accent);
  }
  .menu kbd {
    color: var(--panel-soft);
    font: inherit;
    font-size: 0.8125rem;
  }

  /* What is fit for a finger; and phones enlarge the page for a field with small letters. */
  @media (pointer: coarse) {
    .panel button,
    .menu button {
      min-block-size: 2.75rem;
    }
    .panel header button,
    .panel .reset {
      inline-size: 2.75rem;
      padding: 0.7rem;
    }
    .panel select,
    .panel input[type="number"] {
      font-size: 1rem;
    }
    .menu kbd {
      display: none;
    }
  }
`;
