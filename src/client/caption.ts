import type { Stats, ViewState } from "./stats.ts";

/** What a person reads about a view. */
export interface Caption {
  /** One or two words; spoken by a screen reader when they change. */
  readonly state: string;
  /** With trouble: the sentence in the middle of the picture. */
  readonly notice?: string | undefined;
  /** With trouble: since when, and what happens next. */
  readonly detail?: string | undefined;
  /** With trouble: how old the picture is that is still there. */
  readonly picture?: string | undefined;
}

const STATES: { readonly [state in ViewState]: string } = {
  connecting: "Connecting",
  opening: "Opening",
  live: "Live",
  stale: "Stale",
  stalled: "Stalled",
  gone: "Gone",
  lost: "Disconnected",
  paused: "Paused",
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** From here on a clock says it better than a span, which everybody counts back from now. */
const CLOCK_FROM_MS = 60_000;

/** What to say of a view at `nowMs`, in ms since the epoch. */
export function caption(stats: Stats, nowMs: number = Date.now()): Caption {
  const words = told(stats, nowMs);
  if (words.notice === undefined || stats.pictureAgeMs === undefined) return words;
  return { ...words, picture: `The picture is ${duration(stats.pictureAgeMs)} old` };
}

function told(stats: Stats, nowMs: number): Caption {
  const state = STATES[stats.state];
  const since = stats.forMs === undefined ? undefined : span(stats.forMs, nowMs);
  switch (stats.state) {
    case "connecting":
      return { state, notice: "Connecting to the server" };
    case "opening":
      return { state, notice: "Opening the camera" };
    case "stale":
      return {
        state,
        notice: sentence(stats.reason ?? "No new picture"),
        detail: `for ${since ?? "a while"}`,
      };
    case "stalled":
    case "gone":
      return {
        state,
        notice: sentence(stats.reason ?? "The camera does not answer"),
        detail: retrying(state, since),
      };
    case "lost":
      return {
        state,
        notice: sentence(stats.reason ?? "The server does not answer"),
        detail: retrying(state, since),
      };
    case "live":
    case "paused":
      return { state };
  }
}

/** A span of time in one unit, rounded down: `8 s`, `3 min`, `2 h`, `4 d`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** An age with its unit apart. Clocks of two machines agree only so far: it is never shown below zero. */
export function age(ms: number): { readonly value: string; readonly unit: string } {
  if (ms < 9_999.5) return { value: String(Math.max(0, Math.round(ms))), unit: "ms" };
  return { value: String(Math.round(ms / 1000)), unit: "s" };
}

// In the viewer's own time: `3 min, since 23:14`.
function span(ms: number, nowMs: number): string {
  if (ms < CLOCK_FROM_MS) return duration(ms);
  const began = new Date(nowMs - ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = `${two(began.getHours())}:${two(began.getMinutes())}`;
  const day =
    new Date(nowMs).toDateString() === began.toDateString()
      ? ""
      : `${began.getDate()} ${MONTHS[began.getMonth()]} `;
  return `${duration(ms)}, since ${day}${clock}`;
}

// Says what the span is of: a reason may have one of its own, such as `No frame for 2 s`.
function retrying(state: string, since: string | undefined): string {
  return since === undefined ? "Waiting for it" : `${state} for ${since} · trying again`;
}

// Reasons come from programs and drivers, which are free in their spelling. What begins with a name, such as `usb:1234` or
// `video0`, keeps it.
function sentence(reason: string): string {
  const text = reason.trim().replace(/\.$/, "");
  return /^\p{Ll}+(?![^\s,])/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
