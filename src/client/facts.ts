import { html, nothing, type TemplateResult } from "lit";
import { age, duration } from "./caption.ts";
import type { Stats } from "./stats.ts";

/** The badge of a tile: how old its picture is, whatever its state; and of a live one the pace. */
export function facts(
  stats: Stats,
  size: { readonly width: number; readonly height: number },
): TemplateResult | typeof nothing {
  const live = stats.state === "live";
  // The median: a number that jumps four times a second cannot be read.
  const ageMs = live ? (stats.ageP50Ms ?? stats.ageMs) : stats.pictureAgeMs;
  const old = ageMs === undefined || stats.state === "paused" ? undefined : live ? age(ageMs) : long(ageMs);
  if (old === undefined && !live && size.width === 0) return nothing;
  const { fps } = stats;
  return html`
    <dl class="facts">
      ${old === undefined ? nothing : fact(live ? "age" : "old", "Age of the picture", old.value, `${old.unit} old`)}
      ${live && fps > 0 ? fact("fps", "Pictures per second", fps < 9.95 ? fps.toFixed(1) : fps.toFixed(0), "fps") : nothing}
      ${size.width > 0 ? fact("size", "Size", `${size.width} × ${size.height}`, "") : nothing}
    </dl>
  `;
}

// Of a picture that stands still nobody wants to know the milliseconds.
function long(ms: number): { readonly value: string; readonly unit: string } {
  const [value = "", unit = ""] = duration(ms).split(" ");
  return { value, unit };
}

function fact(kind: string, label: string, value: string, unit: string): TemplateResult {
  return html`
    <div class=${kind} title=${label}>
      <dt>${label}</dt>
      <dd><span class="number">${value}</span>${unit === "" ? nothing : html` <span class="unit">${unit}</span>`}</dd>
    </div>
  `;
}
