import { type CSSResult, css } from "lit";

/** The look of what stands in the middle of a picture that is not live. */
export const noticeStyle: CSSResult = css`
  .notice {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    padding: 2.75em 1em;
    pointer-events: none;
    animation: appear 0.3s 0.25s backwards;
  }
  .plate {
    display: grid;
    justify-items: center;
    gap: 0.3em;
    padding: 0.9em 1.3em;
    border-radius: 0.75em;
    background: var(--plate);
    text-align: center;
    text-wrap: balance;
  }
  .notice strong {
    max-inline-size: 34em;
    font-size: 1.125em;
    font-weight: 600;
    overflow-wrap: anywhere;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow: hidden;
  }
  .notice span {
    opacity: 0.85;
  }
  .notice .picture-age {
    opacity: 1;
    font-weight: 600;
    color: var(--tone);
  }
  .mark {
    inline-size: 2rem;
    block-size: 2rem;
    margin-block-end: 0.2em;
    color: var(--tone);
  }
  .wait .mark {
    animation: turn 1.1s linear infinite;
  }

  /* The picture is to be seen behind it. */
  @container (inline-size < 30rem) {
    .mark {
      display: none;
    }
    .notice {
      padding-block: 2.4em;
      font-size: 0.8125rem;
    }
    .plate {
      gap: 0.1em;
      padding: 0.4em 0.9em;
    }
    .notice strong {
      font-size: 1em;
      -webkit-line-clamp: 2;
    }
  }
  @container (inline-size < 15rem) {
    .notice .detail {
      display: none;
    }
  }
  @container (inline-size > 90rem) {
    .notice {
      font-size: 1.0625rem;
    }
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .notice {
      animation-duration: 0s;
    }
    .wait .mark {
      animation: none;
    }
  }
`;
