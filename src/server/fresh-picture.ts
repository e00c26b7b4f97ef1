import type { Bus } from "../bus/index.ts";
import { type CameraInfo, hasFailed, now } from "../protocol/index.ts";

/** Milliseconds that a camera that is closed has to open and give a picture. */
const OPENING_MS = 8000;

/** Whether a camera gives pictures, and if not, why. */
export type Freshness =
  | { readonly isFresh: true; readonly ageMs: number }
  | { readonly isFresh: false; readonly reason: string; readonly ageMs?: number };

/**
 * Whether a camera gives a picture that is no older than `maxAgeMs`. It is taken for that as a viewer takes it: one that is closed is
 * opened. The answer comes as soon as it is known.
 */
export async function freshPicture(
  bus: Bus,
  camera: CameraInfo,
  maxAgeMs: number,
  signal: AbortSignal,
): Promise<Freshness> {
  if (hasFailed(camera)) return failed(camera);
  const waitMs = camera.state === "live" ? maxAgeMs : Math.max(maxAgeMs, OPENING_MS);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  let look = (): void => {};
  let ageMs: number | undefined;
  const track = camera.tracks[0]?.name ?? "jpeg";
  const subscription = bus.subscribe(camera.id, track, { frame: () => look(), renumbered: () => {} });
  const unfollow = bus.follow((id) => {
    if (id === camera.id) look();
  });
  try {
    return await new Promise<Freshness>((resolve) => {
      look = () => {
        const { newest } = subscription;
        if (newest !== undefined) ageMs = Math.max(0, now() - newest.capturedAt) / 1000;
        const present = bus.camera(camera.id);
        if (present === undefined) resolve({ isFresh: false, reason: "the camera was taken away" });
        else if (hasFailed(present)) resolve(failed(present));
        else if (newest !== undefined && ageMs !== undefined && ageMs <= maxAgeMs) {
          resolve({ isFresh: true, ageMs });
        }
      };
      limit.addEventListener("abort", () => resolve(tooOld(ageMs, waitMs)), { once: true });
      if (limit.aborted) resolve(tooOld(ageMs, waitMs));
      look();
    });
  } finally {
    unfollow();
    subscription.close();
  }
}

function failed({ state, reason }: CameraInfo): Freshness {
  return { isFresh: false, reason: reason ?? `the camera is ${state}` };
}

function tooOld(ageMs: number | undefined, waitMs: number): Freshness {
  return ageMs === undefined
    ? { isFresh: false, reason: `no picture came within ${waitMs / 1000} s` }
    : { isFresh: false, reason: "the newest picture is too old", ageMs };
}
