import type uPlot from "uplot";
import type { Columns } from "./history.ts";

const HEIGHT_PX = 58;
const AXIS_WIDTH_PX = 48;
const SPAN_S = 120;

/** Which figure of a sample a plot shows. */
export type Figure = "ageMs" | "rate" | "bytesPerSecond";

/** How many of each figure are one step of its axis, as a person reads them. */
const AXES: { readonly [figure in Figure]: (value: number) => string } = {
  ageMs: (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${+(ms / 1000).toFixed(1)} s`),
  rate: (perSecond) => String(+perSecond.toFixed(1)),
  bytesPerSecond: (bytes) =>
    bytes < 1e6 ? `${Math.round(bytes / 1000)} k` : `${+(bytes / 1e6).toFixed(1)} M`,
};

/** An axis reaches at least so far, so that a flat line does not look like a storm. */
const LEAST: { readonly [figure in Figure]: number } = { ageMs: 100, rate: 10, bytesPerSecond: 50_000 };

interface Chart {
  readonly figure: Figure;
  readonly plot: uPlot;
}

/** Draws the figures of a view over the last two minutes. The library that does it is loaded when somebody looks. */
export class Plots {
  #host: HTMLElement | undefined;
  #charts: Chart[] = [];
  #columns: Columns | undefined;
  #lifetime = new AbortController();

  /** Draw within `host`, in each element with `data-figure`; `undefined`: nobody looks. */
  attach(host: HTMLElement | undefined): void {
    if (host === this.#host) return;
    this.#lifetime.abort();
    this.#clear();
    this.#host = host;
    if (host === undefined) return;
    const lifetime = new AbortController();
    this.#lifetime = lifetime;
    const { signal } = lifetime;
    import("uplot").then(
      ({ default: Plot }) => {
        if (signal.aborted) return;
        const draw = (): void => this.#build(Plot, host);
        draw();
        matchMedia("(prefers-color-scheme: light)").addEventListener("change", draw, { signal });
        const sizes = new ResizeObserver(() => this.#fit(host));
        sizes.observe(host);
        signal.addEventListener("abort", () => sizes.disconnect());
      },
      // Not to be had: the figures are there all the same.
      () => undefined,
    );
  }

  /** Somebody looks. */
  get drawing(): boolean {
    return this.#host !== undefined;
  }

  /** Draw these. */
  draw(columns: Columns): void {
    this.#columns = columns;
    for (const { figure, plot } of this.#charts) plot.setData([columns.at, columns[figure]]);
  }

  #build(Plot: typeof uPlot, host: HTMLElement): void {
    this.#clear();
    const places = [...host.querySelectorAll<HTMLElement>("[data-figure]")];
    const style = getComputedStyle(host);
    this.#charts = places.map((place) => {
      const figure = place.dataset["figure"] as Figure;
      const options = look(figure, place.clientWidth, style);
      const plot = new Plot(options, [[], []], place);
      return { figure, plot };
    });
    if (this.#columns !== undefined) this.draw(this.#columns);
  }

  #fit(host: HTMLElement): void {
    for (const { plot } of this.#charts) {
      const width = plot.root.parentElement?.clientWidth ?? host.clientWidth;
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    }
  }

  #clear(): void {
    for (const { plot } of this.#charts.splice(0)) plot.destroy();
  }
}

function look(figure: Figure, width: number, style: CSSStyleDeclaration): uPlot.Options {
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--panel-soft"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("--panel-line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT_PX,
    padding: [7, 8, 6, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-SPAN_S, 0] },
      y: { range: (_, __, most) => [0, roof(Math.max(LEAST[figure], most))] },
    },
    axes: [
      {
        ...axis,
        // Three plots have their times in common: the page says them once.
        size: 0,
        splits: () => [-SPAN_S, -SPAN_S / 2, 0],
        values: (_, splits) => splits.map(() => ""),
      },
      {
        ...axis,
        size: AXIS_WIDTH_PX,
        gap: 4,
        splits: (_, __, least, most) => [least, (least + most) / 2, most],
        values: (_, splits) => splits.map((value, index) => (index === 1 ? "" : AXES[figure](value))),
      },
    ],
    series: [
      {},
      {
        stroke: colour("--panel-accent"),
        fill: colour("--panel-wash"),
        width: 1.5,
        spanGaps: false,
        points: { show: false },
      },
    ],
  };
}

/** The next round number: 1, 2 or 5 and noughts. */
export function roof(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}
