import type { CameraInfo } from "../protocol/index.ts";

/** What the way that frames have come says of their age. */
export interface Provenance {
  /** The age is wrong by this at most, in ms: half of each round trip by which a clock was compared. */
  readonly ageErrorMs?: number | undefined;
  /** How old frames are when they come from each server that they pass, the first one first, in ms; empty without a relay. */
  readonly hopAgesMs: readonly (number | undefined)[];
}

/** The {@link Provenance} of a camera's frames at a viewer with this round trip to its server. */
export function provenance(
  camera: Pick<CameraInfo, "clock" | "hops"> | undefined,
  roundTripMs: number | undefined,
): Provenance {
  const error = roundTripMs === undefined ? undefined : roundTripMs / 2 + (camera?.clock?.error ?? 0) / 1000;
  return { ageErrorMs: error, hopAgesMs: camera?.hops?.map(({ ageMs }) => ageMs) ?? [] };
}
