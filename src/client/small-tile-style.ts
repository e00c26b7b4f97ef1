import { type CSSResult, css } from "lit";

/** The look of `<hello-camera>` as one small tile of many: the picture first, its state at a glance, the rest on demand. */
export const smallTileStyle: CSSResult = css`
  @container (inline-size < 20rem) {
    .buttons {
      visibility: hidden;
    }
    :host(:is(:hover, :focus-within)) .buttons {
      visibility: visible;
    }
    /* The lamp says it, and the words are spoken. */
    .state {
      gap: 0;
      block-size: 1.5rem;
      padding: 0 0.5rem;
      border-radius: 0.375rem;
      font-size: 0;
    }
    .state::before {
      inline-size: 0.5rem;
      block-size: 0.5rem;
    }
  }
  @container (inline-size < 15rem) {
    .top,
    .bottom {
      padding: 0.3em;
      font-size: 0.6875rem;
    }
    .fps {
      display: none !important;
    }
    .notice {
      padding: 1.5em 0.4em 0.3em;
      font-size: 0.6875rem;
    }
    .notice .mark {
      display: none;
    }
  }
`;
