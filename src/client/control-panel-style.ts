import { type CSSResult, css } from "lit";

/** The look of the controls of a camera. */
export const controlStyle: CSSResult = css`
  .controls {
    padding: 0.4rem 0.5rem 0.7rem 0.9rem;
  }
  .control {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto 2.25rem;
    align-items: center;
    column-gap: 0.5rem;
    min-block-size: 2.5rem;
  }
  .control label {
    min-inline-size: 0;
    overflow-wrap: anywhere;
    line-height: 1.25;
  }
  .control[data-kind="range"] {
    padding-block: 0.2rem;
  }
  .control[data-kind="range"] label {
    grid-column: 1 / 2;
  }
  .control[data-kind="range"] .figure {
    grid-area: 1 / 2;
  }
  .control[data-kind="range"] .reset {
    grid-area: 1 / 3;
  }
  .control[data-kind="range"] input[type="range"] {
    grid-area: 2 / 1 / 3 / 3;
    block-size: 1.5rem;
    margin: 0;
    inline-size: 100%;
  }
  .control input {
    accent-color: var(--panel-accent);
  }
  .control.inactive label,
  .control.inactive .figure {
    color: var(--panel-soft);
  }
  .control.inactive :is(input, select) {
    opacity: 0.5;
  }
  .control .figure,
  .control select {
    box-sizing: border-box;
    block-size: 2rem;
    padding: 0 0.4rem;
    border: 1px solid var(--panel-line);
    border-radius: 0.5rem;
    background: var(--panel-field);
    color: inherit;
    font: inherit;
  }
  .control .figure {
    inline-size: 5.5rem;
    text-align: end;
  }
  .control select {
    max-inline-size: 10.5rem;
  }
  .control input[type="checkbox"] {
    appearance: none;
    position: relative;
    inline-size: 2.5rem;
    block-size: 1.4rem;
    margin: 0;
    border: 1px solid var(--panel-line);
    border-radius: 1rem;
    background: var(--panel-field);
    cursor: pointer;
  }
  .control input[type="checkbox"]::after {
    content: "";
    position: absolute;
    inset: 0.15rem auto 0.15rem 0.15rem;
    aspect-ratio: 1;
    border-radius: 50%;
    background: var(--panel-soft);
    transition: translate 0.12s;
  }
  .control input[type="checkbox"]:checked {
    border-color: transparent;
    background: var(--panel-accent);
  }
  .control input[type="checkbox"]:checked::after {
    background: #fff;
    translate: 1.1rem;
  }
  .control input[type="checkbox"]:disabled {
    cursor: default;
  }
  .controls .words {
    margin: 0.6rem 0.4rem 0.6rem 0;
    color: var(--panel-soft);
    text-wrap: balance;
  }
  .controls .trouble {
    color: var(--panel-bad);
  }
  .actions {
    margin: 0.6rem 0.4rem 0 0;
  }

  @media (pointer: coarse) {
    .control {
      grid-template-columns: minmax(0, 1fr) auto 2.75rem;
      min-block-size: 3rem;
    }
    .control[data-kind="range"] input[type="range"] {
      block-size: 2.5rem;
    }
    .control .figure,
    .control select {
      block-size: 2.5rem;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .control input[type="checkbox"]::after {
      transition: none;
    }
  }
`;
