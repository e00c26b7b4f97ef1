import { type CameraInfo, hasFailed } from "../../protocol/index.ts";

/** Which cameras somebody wants to see. */
export interface Search {
  /** Parts of their names or ids, in any order. */
  readonly words: string;
  /** Only those that give no picture. */
  readonly troubled: boolean;
}

/** The cameras that a search finds, in their order. */
export function find(cameras: readonly CameraInfo[], { words, troubled }: Search): readonly CameraInfo[] {
  const parts = plain(words).split(/\s+/).filter(Boolean);
  return cameras.filter((camera) => {
    if (troubled && !hasFailed(camera)) return false;
    const text = plain(`${camera.name} ${camera.id}`);
    return parts.every((part) => text.includes(part));
  });
}

// Nobody types accents to find a name.
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
