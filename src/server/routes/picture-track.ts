import type { CameraInfo } from "../../protocol/index.ts";

/** The track that every camera has in JPEG. */
const WHOLE = "jpeg";

/**
 * Name of the JPEG track that a request means: the one it names, or the whole picture. `undefined` if the camera has none of that
 * name in JPEG; one that was never open may have any.
 */
export function pictureTrack({ tracks }: CameraInfo, name: string = WHOLE): string | undefined {
  if (name === WHOLE || tracks.length === 0) return name;
  return tracks.find((track) => track.name === name && track.codec === "jpeg")?.name;
}

/** Answer that there is no such track. */
export function unknownTrack(
  reply: { code(status: number): { send(body: unknown): unknown } },
  codec: "H.264" | "JPEG",
): unknown {
  return reply.code(404).send({ error: `the camera has no such track in ${codec}; GET /cameras lists them` });
}
