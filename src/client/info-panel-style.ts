import { type CSSResult, css } from "lit";

/** The look of the panel with the figures; what it has in common with the element is said there. */
export const panelStyle: CSSResult = css`
  .info {
    position: absolute;
    inset-block-end: 3.2em;
    inset-inline-end: 0.6em;
    box-sizing: border-box;
    inline-size: min(19em, 100% - 1.2em);
    max-block-size: calc(100% - 3.8em);
    overflow: hidden auto;
    overscroll-behavior: contain;
    padding: 0.7em 0.9em;
    border-radius: 0.75em;
    background: rgb(10 13 17 / 0.86);
    font-size: 0.8125rem;
    line-height: 1.55;
    cursor: default;
  }
  .info label,
  .info dl div {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: 1em;
  }
  .info label {
    align-items: center;
    margin-block-end: 0.5em;
  }
  .info dl {
    margin: 0;
  }
  .info dt,
  .info label span {
    position: static;
    clip-path: none;
    flex: none;
    color: #b4bcc6;
  }
  .info dd {
    min-inline-size: 0;
    text-align: end;
    overflow-wrap: anywhere;
  }
  .info .trouble dd {
    color: var(--fair);
  }
  .info select {
    min-inline-size: 0;
    block-size: 2em;
    padding: 0 0.4em;
    border: 1px solid rgb(255 255 255 / 0.22);
    border-radius: 0.45em;
    background: #1b2027;
    color: inherit;
    font: inherit;
    color-scheme: dark;
  }
  .info select:focus-visible {
    outline: 2px solid #fff;
  }

  /* Phones enlarge the page for a field with small letters. */
  @media (pointer: coarse) {
    .info select {
      font-size: 1rem;
    }
  }

  /* A small tile is covered by its panel: two figures side by side, and what does not fit can be scrolled to. */
  @container (inline-size < 26rem) {
    .info {
      inset-inline: 0.45em;
      inset-block: 0.45em 3.6em;
      inline-size: auto;
      max-block-size: none;
      padding: 0.45em 0.7em;
      font-size: 0.75rem;
      line-height: 1.45;
    }
    .info dl {
      display: grid;
      grid-template-columns: 1fr 1fr;
      column-gap: 1.2em;
    }
    .info dl div:nth-child(-n + 2),
    .info .trouble {
      grid-column: 1 / -1;
    }
    .info label {
      margin-block-end: 0.2em;
    }
    .info select {
      block-size: 1.8em;
    }
  }
`;
