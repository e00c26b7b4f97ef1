import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { LadderReason } from "../flow/ladder.ts";
import { age, duration } from "./caption.ts";
import type { Figure } from "./plots.ts";
import type { Stats } from "./stats.ts";
import type { DecoderName, Way, Wish } from "./way.ts";

const DECODERS: { readonly [name in DecoderName]: string } = {
  webcodecs: "WebCodecs",
  mse: "Media Source",
  image: "Image decoder",
};

const REASONS: { readonly [reason in LadderReason]: string } = {
  start: "to begin with",
  best: "the best for this size",
  link: "for this link",
  decoder: "for this decoder",
  size: "for this size",
  probe: "trying a better one",
};

/** The figures of a view, and the menu of the ways to show it. `plots` hears of the element that holds its plots. */
export function infoPanel(
  stats: Stats,
  wish: Wish,
  choose: (wish: Wish) => void,
  plots: (element: Element | undefined) => void,
): TemplateResult {
  const { way, pictureAgeMs } = stats;
  const live = stats.state === "live";
  return html`
      <label>
        <span>Show as</span>
        <select @change=${(event: Event) => choose(wishOf((event.target as HTMLSelectElement).value))}>
          ${option("", "Automatic", valueOf(wish))}
          ${stats.ways.map((other) => option(valueOf(other), wayName(other), valueOf(wish)))}
        </select>
      </label>
      <div class="plots" ${ref(plots)}>
        ${plot("ageMs", "Age", live ? span(stats.ageP50Ms ?? pictureAgeMs) : pictureAgeMs === undefined ? "–" : duration(pictureAgeMs))}
        ${plot("rate", "Rate", `${stats.fps.toFixed(1)} /s`)}
        ${plot("bytesPerSecond", "Data", rate(stats.bytesPerSecond))}
        <div class="times" aria-hidden="true"><span>2 min ago</span><span>1 min</span><span>now</span></div>
      </div>
      <dl>
        ${line("Track", way === undefined ? "–" : way.track === way.codec ? way.track : `${way.track} · ${way.codec}`)}
        ${line("Decoder", way === undefined ? "–" : DECODERS[way.decoder])}
        ${line("Chosen", chosen(stats))}
        ${stats.fallback === undefined ? nothing : line("Given up", stats.fallback, "trouble")}
        ${line("Size", stats.width === 0 ? "–" : `${stats.width} × ${stats.height}`)}
        ${wrongBy(stats.ageErrorMs)}
        ${hops(stats.hopAgesMs)}
        ${line("Round trip", span(stats.roundTripMs))}
        ${line("Window", frames(stats.windowFrames))}
        ${line("Skipped", String(stats.framesSkipped))}
        ${line("Overtaken", String(stats.framesOverwritten))}
        ${line("Decode errors", String(stats.framesFailed), stats.framesFailed > 0 ? "trouble" : "")}
      </dl>
  `;
}

/** Bytes per second, as a person reads them: `420 kB/s`, `1.4 MB/s`. */
export function rate(bytesPerSecond: number): string {
  if (bytesPerSecond < 999_500) return `${Math.round(bytesPerSecond / 1000)} kB/s`;
  return `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
}

/** A way, as a person reads it: `h264 · WebCodecs`, `jpeg`. */
export function wayName({ track, decoder }: Way): string {
  return decoder === "image" ? track : `${track} · ${DECODERS[decoder]}`;
}

function chosen({ chosenFor, switches, way }: Stats): string {
  if (way === undefined) return "–";
  if (chosenFor === undefined) return "by you";
  return switches === 0 ? REASONS[chosenFor] : `${REASONS[chosenFor]} · ${switches} × switched`;
}

function span(ms: number | undefined): string {
  if (ms === undefined) return "–";
  const { value, unit } = age(ms);
  return `${value} ${unit}`;
}

function wrongBy(ms: number | undefined): TemplateResult | typeof nothing {
  return ms === undefined
    ? nothing
    : line("Age is right to", `± ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`);
}

function hops(ages: Stats["hopAgesMs"] = []): TemplateResult | typeof nothing {
  return ages.length === 0 ? nothing : line("Age at each relay", ages.map(span).join(" → "));
}

function frames(count: number): string {
  return count === 1 ? "1 frame" : `${count} frames`;
}

function plot(figure: Figure, name: string, value: string): TemplateResult {
  return html`
    <figure>
      <figcaption><span>${name}</span><b>${value}</b></figcaption>
      <div class="chart" data-figure=${figure} role="img" aria-label=${`${name} over the last two minutes`}></div>
    </figure>
  `;
}

function line(name: string, value: string, kind = ""): TemplateResult {
  return html`<div class=${kind}><dt>${name}</dt><dd>${value}</dd></div>`;
}

function option(value: string, name: string, chosen: string): TemplateResult {
  return html`<option value=${value} ?selected=${value === chosen}>${name}</option>`;
}

// An option of a menu has one value: track and decoder in one word. Neither has a slash in it.
function valueOf({ track = "", decoder = "" }: Wish): string {
  if (track === "" && decoder === "") return "";
  return decoder === "" || decoder === "image" ? track : `${track}/${decoder}`;
}

function wishOf(value: string): Wish {
  const [track = "", decoder = ""] = value.split("/");
  return { track, decoder };
}
