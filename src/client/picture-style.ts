import { type CSSResult, css } from "lit";

/** The look of the picture itself: where it is in its box, and grey while it is not live. */
export const pictureStyle: CSSResult = css`
  /* Its parts are the measure of where the picture is moved to. */
  .picture {
    position: absolute;
    inset: 0;
    overflow: hidden;
    container-type: size;
    touch-action: pan-x pan-y;
  }
  .picture.zoomed {
    touch-action: none;
    cursor: grab;
  }
  .picture.zoomed:active {
    cursor: grabbing;
  }
  .frame {
    position: absolute;
    inset-block-start: 50%;
    inset-inline-start: 50%;
    inline-size: 100cqw;
    block-size: 100cqh;
    translate: -50% -50%;
  }
  .frame.turned {
    inline-size: 100cqh;
    block-size: 100cqw;
  }
  .frame :is(canvas, video) {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: contain;
  }
  /* Over the canvas, whose last picture shows through until the video has one. */
  video {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }
  :host(:not([data-decoder="mse"])) video {
    visibility: hidden;
  }
  /* A short gap (a reload of the server, a tab that comes back) is over before the grey begins. */
  :host(:not([data-state="live"], [data-state="paused"])) .frame :is(canvas, video) {
    filter: grayscale(1) brightness(0.5);
    transition: filter 0.3s 0.25s;
  }
  /* What shows through is painted behind it, grey where it is to be: see Backdrop. A filter for each tile would cost more than all else. */
  :host([data-backdrop]) {
    background: none;
  }
  :host([data-backdrop]) .frame canvas {
    visibility: hidden;
  }

  @media (prefers-reduced-motion: reduce) {
    .frame :is(canvas, video) {
      transition-duration: 0s !important;
    }
  }
`;
