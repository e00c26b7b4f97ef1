import { micros, now } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import { provenance } from "./provenance.ts";
import type { StageView } from "./stage-view.ts";
import { type Stats, viewState } from "./stats.ts";
import type { TrackChoice } from "./track-choice.ts";
import type { Way } from "./way.ts";

/** What a stage knows of a view beside what the view knows itself. */
export interface StageFacts {
  readonly connection: Connection | undefined;
  /** Whether anybody looks at the page. */
  readonly visible: boolean;
  /** Where its track is chosen for it: how that stands. */
  readonly choice: Pick<TrackChoice, "reason" | "switches"> | undefined;
  readonly ways: readonly Way[];
  /** The codec of what it shows, as the camera says it now. */
  readonly codec: (way: Way) => string;
  /** Why a better way is not taken. */
  readonly fallback: string | undefined;
}

/** How `view` does now. */
export function statsOf(view: StageView, facts: StageFacts): Stats {
  const { player, way, paintedAtMs } = view;
  const { connection, choice } = facts;
  const camera = connection?.cameras.get(view.camera);
  const nowMs = performance.now();
  const state = viewState({
    playing: view.playing && facts.visible,
    link: connection?.link ?? { state: "connecting", sinceMs: 0 },
    listed: connection?.listed ?? false,
    cameraId: view.camera,
    camera,
    track: player?.way.track,
    silentMs: paintedAtMs === undefined ? undefined : nowMs - paintedAtMs,
    now: micros(now() + (connection?.clock.offsetMicros ?? 0)),
  });
  return {
    ...state,
    name: camera?.name,
    way: way && { ...way, codec: facts.codec(way) },
    ways: facts.ways,
    fallback: facts.fallback,
    chosenFor: choice?.reason,
    switches: choice?.switches ?? 0,
    ...view.counts(),
    ageMs: player?.ageMs,
    ageP50Ms: player?.ageP50Ms(nowMs),
    pictureAgeMs: view.pictureAgeMs(nowMs),
    fps: player?.fps(nowMs) ?? 0,
    bytesPerSecond: player?.bytesPerSecond(nowMs) ?? 0,
    windowFrames: player?.windowFrames ?? 0,
    sequence: player?.sequence,
    width: player?.width ?? 0,
    height: player?.height ?? 0,
    roundTripMs: connection?.clock.roundTripMs,
    ...provenance(camera, connection?.clock.roundTripMs),
  };
}
