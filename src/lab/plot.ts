/** A line of a plot: what the picture on a screen is aged, over time. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly ageMs: number }[];
}

const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 16;
const TOP = 44;
const BOTTOM = 36;

/** Points of a line: a plot has no more pixels than that to show them in, and files stay small. */
const MAX_POINTS = 240;

/** Colours that stand out on white and on black, for people who tell red from green and for those who do not. */
const COLOURS = ["#0a84d6", "#e07b00", "#8a5cd6", "#159c76", "#c8477f", "#8a8a20"];

const DECADES = [10, 100, 1_000, 10_000, 100_000];

/**
 * Age over time as SVG, ages on a logarithmic axis. Text and grid have a grey that is legible on light and dark, and the
 * background is the page's own. The same figures give the same bytes.
 */
export function plotAges(title: string, series: readonly Series[], durationMs: number): string {
  const ages = series.flatMap(({ points }) => points.map(({ ageMs }) => ageMs));
  const highest = ages.reduce((most, age) => Math.max(most, age), 20);
  const lowest = ages.reduce((least, age) => Math.min(least, age), 10);
  const top = Math.log10(highest * 1.2);
  const bottom = Math.log10(Math.max(0.5, lowest));
  const x = (ms: number): string => (LEFT + (ms / durationMs) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (ms: number): string => {
    const share = (Math.log10(Math.max(0.5, ms)) - bottom) / (top - bottom);
    return (HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  };
  const grid = DECADES.filter((ms) => Math.log10(ms) >= bottom && Math.log10(ms) <= top).map(
    (ms) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(ms)}" y2="${y(ms)}"/>` +
      `<text x="${LEFT - 6}" y="${y(ms)}" dy="4" text-anchor="end">${ms < 1000 ? `${ms} ms` : `${ms / 1000} s`}</text>`,
  );
  const stepMs = durationMs > 12_000 ? 5_000 : 2_000;
  const ticks = Array.from({ length: Math.floor(durationMs / stepMs) + 1 }, (_, i) => i * stepMs).map(
    (ms) => `<text x="${x(ms)}" y="${HEIGHT - 14}" text-anchor="middle">${ms / 1000} s</text>`,
  );
  const lines = series.map(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = thin(points, durationMs)
      .map(({ atMs, ageMs }) => `${x(atMs)},${y(ageMs)}`)
      .join(" ");
    const at = LEFT + i * ((WIDTH - LEFT - RIGHT) / Math.max(3, series.length));
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round" points="${path}"/>` +
      `<text x="${at.toFixed(0)}" y="36" style="fill:${colour};font-weight:600">${escape(name)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    "<style>text{fill:#808080}line{stroke:#808080;stroke-opacity:.35}</style>",
    `<text x="${LEFT}" y="16" font-size="13">${escape(title)}</text>`,
    ...grid,
    ...ticks,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}

// Of each stretch of time the oldest: a plot must not hide a peak.
function thin(points: Series["points"], durationMs: number): Series["points"] {
  const stretches = new Map<number, Series["points"][number]>();
  for (const point of points) {
    const stretch = Math.floor((point.atMs / durationMs) * MAX_POINTS);
    const held = stretches.get(stretch);
    if (held === undefined || point.ageMs > held.ageMs) stretches.set(stretch, point);
  }
  return [...stretches.values()];
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
