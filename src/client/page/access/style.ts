import { type CSSResult, css } from "lit";

/** How the parts of the page look that are about access. The colours are the page's. */
export const accessStyle: CSSResult = css`
  :host {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin-inline-start: auto;
    font-size: 0.875rem;
  }

  .user {
    color: var(--soft);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    max-inline-size: 12rem;
  }

  button,
  input,
  select {
    font: inherit;
    color: inherit;
    padding: 0.25rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    background: var(--panel);
  }

  button {
    cursor: pointer;
    white-space: nowrap;
  }

  button:hover {
    border-color: var(--soft);
  }

  button.main {
    border-color: transparent;
    background: var(--ink);
    color: var(--ground);
    font-weight: 600;
  }

  button:disabled {
    cursor: default;
    opacity: 0.5;
  }

  :is(button, input, select):focus-visible {
    outline: 3px solid var(--hello-camera-focus);
    outline-offset: 2px;
  }

  dialog {
    box-sizing: border-box;
    inline-size: min(36rem, calc(100vw - 2rem));
    max-block-size: calc(100dvh - 2rem);
    padding: 1.25rem;
    border: 1px solid var(--line);
    border-radius: 0.875rem;
    background: var(--ground);
    color: var(--ink);
    /* The head of the page, in which it stands, wraps nothing. */
    white-space: normal;
    overflow: auto;
  }

  dialog::backdrop {
    background: #0009;
  }

  h2 {
    display: flex;
    justify-content: space-between;
    align-items: center;
    margin: 0 0 0.75rem;
    font-size: 1.125rem;
  }

  h2 button {
    font-size: 0.875rem;
    font-weight: 400;
  }

  form {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.75rem;
  }

  label {
    display: grid;
    align-content: start;
    gap: 0.25rem;
    color: var(--soft);
  }

  label > :is(input, select) {
    color: var(--ink);
    padding: 0.4rem 0.6rem;
    inline-size: 100%;
    box-sizing: border-box;
  }

  fieldset,
  .wide,
  .error {
    grid-column: 1 / -1;
  }

  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1rem;
    margin: 0;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    max-block-size: 9rem;
    overflow: auto;
  }

  fieldset label {
    display: inline-flex;
    align-items: center;
    color: var(--ink);
  }

  fieldset input {
    inline-size: auto;
  }

  .error {
    margin: 0;
    color: var(--bad);
  }

  ul {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.75rem;
    margin: 1.25rem 0 0;
    padding: 0;
    list-style: none;
  }

  li {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.5rem;
    padding: 0.75rem;
    border: 1px solid var(--line);
    border-radius: 0.625rem;
    background: var(--panel);
  }

  li p {
    margin: 0;
    color: var(--soft);
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }

  .row input {
    flex: 1 1 12rem;
    min-inline-size: 0;
  }

  .qr {
    inline-size: min(100%, 16rem);
    border-radius: 0.5rem;
  }

  @media (max-width: 30rem) {
    form {
      grid-template-columns: 1fr;
    }
    .user {
      display: none;
    }
  }
`;
