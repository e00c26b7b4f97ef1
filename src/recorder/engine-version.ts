/** The version of FFmpeg that cameras are opened with. @throws Error if it cannot be loaded on this machine */
export async function engineVersion(): Promise<string> {
  const Ffmpeg = await import("./ffmpeg.ts");
  return Ffmpeg.version();
}
