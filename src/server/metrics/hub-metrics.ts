import { AGE_BOUNDS_SECONDS, type Bus, type TrackFigures } from "../../bus/index.ts";
import type { Counted } from "../../flow/index.ts";
import { counter, type Family, gauge, histogram, type Kind, ranges, type Sample } from "./family.ts";

/** Where on its way a frame is counted: when it has come to the mapper, or to the server. */
export type Hop = "mapper" | "server";

const AGE: Kind = histogram(
  "frame_age_seconds",
  "Time since a frame was captured, when it came to the mapper and to the server, and when a viewer had said that it painted it (of one viewer in 32; with the way back).",
);
const FRAMES: Kind = counter("frames", "Frames that came to this hop.");
const BYTES: Kind = counter("frame_bytes", "Bytes of the frames that came to this hop.");
const DROPPED: Kind = counter(
  "frames_dropped",
  "Frames that were lost on the way from the recorder to this hop.",
);
const OVERWRITTEN: Kind = counter(
  "frames_overwritten",
  "Frames that were replaced by newer ones before anybody took them.",
);
const OFFERED: Kind = counter("frames_offered", "Frames, each counted once per viewer of its track.");
const SKIPPED: Kind = counter(
  "frames_skipped",
  "Frames of those offered that viewers went on without, as their links had no room.",
);
const RATE: Kind = gauge("track_frame_rate_hertz", "Frames a second of a track that somebody takes.");
const BIT_RATE: Kind = gauge("track_bytes_per_second", "Bytes a second of a track that somebody takes.");
const VIEWERS: Kind = gauge("track_viewers", "Viewers and readers of a track.", "sum");

/** What the hub of one process has counted, by camera and track. */
export function hubMetrics(bus: Bus, hop: Hop): readonly Family[] {
  // A track that nobody ever took has nothing to tell, and there are many of them.
  const isUsed = ({ counts, subscribers }: TrackFigures): boolean => counts.frames > 0 || subscribers > 0;
  const cameras = bus.cameras().map(({ id }) => ({ id, tracks: bus.figures(id).filter(isUsed) }));
  const each = (value: (track: TrackFigures) => number, withHop: boolean): Sample[] =>
    cameras.flatMap(({ id, tracks }) =>
      tracks.map((track) => ({
        labels: { camera: id, track: track.track, ...(withHop ? { hop } : {}) },
        value: value(track),
      })),
    );
  const ages = (at: string, of: (track: TrackFigures) => Counted): readonly Sample[] =>
    cameras.flatMap(({ id, tracks }) => {
      const all = tracks.map(of);
      if (all.length === 0) return [];
      return ranges(AGE, { camera: id, hop: at }, AGE_BOUNDS_SECONDS, together(all));
    });
  const common = [
    { ...FRAMES, values: each(({ counts }) => counts.frames, true) },
    { ...BYTES, values: each(({ counts }) => counts.bytes, true) },
    { ...DROPPED, values: each(({ counts }) => counts.dropped, true) },
    { ...OVERWRITTEN, values: each(({ overwritten }) => overwritten, true) },
  ];
  const arrived = ages(hop, ({ counts }) => counts.ages);
  if (hop === "mapper") return [{ ...AGE, values: arrived }, ...common];
  return [
    { ...AGE, values: [...arrived, ...ages("viewer", ({ counts }) => counts.viewerAges)] },
    ...common,
    { ...OFFERED, values: each(({ counts }) => counts.offered, false) },
    { ...SKIPPED, values: each(({ counts }) => counts.skipped, false) },
    { ...RATE, values: each(({ framesPerSecond }) => framesPerSecond, false) },
    { ...BIT_RATE, values: each(({ bytesPerSecond }) => bytesPerSecond, false) },
    { ...VIEWERS, values: each(({ subscribers }) => subscribers, false) },
  ];
}

function together(all: readonly Counted[]): Counted {
  const counts = AGE_BOUNDS_SECONDS.map((_, range) => sum(all.map((one) => one.counts[range] ?? 0)));
  const above = sum(all.map((one) => one.counts[AGE_BOUNDS_SECONDS.length] ?? 0));
  return { counts: [...counts, above], sum: sum(all.map((one) => one.sum)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
