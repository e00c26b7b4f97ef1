/** What works with video: FFmpeg inside this process (`node-av`), or the `ffmpeg` command. */
export const ENGINE_NAMES = ["node-av", "ffmpeg"] as const;

/** An engine. */
export type EngineName = (typeof ENGINE_NAMES)[number];
