import { type CSSResult, css } from "lit";

/** The look of the figures and their plots; what they have in common with other panels is said in `panel-style.ts`. */
export const infoStyle: CSSResult = css`
  .info {
    padding: 0.6rem 0.9rem 0.8rem;
  }
  .info label,
  .info dl div,
  .info figcaption {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: 1em;
  }
  .info label {
    align-items: center;
  }
  .info dl {
    margin: 0.5rem 0 0;
    padding-block-start: 0.5rem;
    border-block-start: 1px solid var(--panel-line);
    font-size: 0.8125rem;
  }
  .info dt,
  .info label span,
  .info figcaption span {
    position: static;
    clip-path: none;
    flex: none;
    color: var(--panel-soft);
  }
  .info dd {
    min-inline-size: 0;
    text-align: end;
    overflow-wrap: anywhere;
  }
  .info .trouble dd {
    color: var(--panel-bad);
  }
  .info select {
    min-inline-size: 0;
    block-size: 2.25rem;
    padding: 0 0.5rem;
    border: 1px solid var(--panel-line);
    border-radius: 0.5rem;
    background: var(--panel-field);
    color: inherit;
    font: inherit;
  }

  .info figure {
    margin: 0.5rem 0 0;
  }
  .info figcaption b {
    font-weight: 650;
  }
  .chart {
    min-block-size: 58px;
    overflow: hidden;
  }
  /* What uPlot needs of its own sheet, which a shadow root does not get. */
  .u-wrap {
    position: relative;
  }
  .u-over,
  .u-under,
  .u-axis {
    position: absolute;
  }
  .u-under {
    overflow: hidden;
  }
  .uplot canvas {
    display: block;
    position: relative;
    inline-size: 100%;
    block-size: 100%;
  }
  .times {
    display: flex;
    justify-content: space-between;
    padding-inline: 48px 8px;
    font-size: 0.75rem;
    color: var(--panel-soft);
  }
`;
