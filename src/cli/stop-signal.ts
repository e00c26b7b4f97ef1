/** Milliseconds from the wish to stop to the end, whatever hangs. A camera's driver may. */
const STOP_LIMIT_MS = 1900;

/**
 * Aborts when the user, the system or the parent process wants an end. The second wish ends at once, and so does the
 * limit. Call it once per process.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) kill();
    controller.abort();
    // process.exit waits for native calls, and a camera's driver may never return from one.
    setTimeout(kill, STOP_LIMIT_MS).unref();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // Its parent hears of a closed terminal, or of a wish to read settings again, and decides.
  if (process.channel) process.on("SIGHUP", () => {});
  // A recorder whose parent is gone has nobody to serve.
  process.channel?.unref();
  process.on("disconnect", () => {
    if (!controller.signal.aborted) stop();
  });
  // It left while this process was starting.
  if (process.channel === null) stop();
  return controller.signal;
}

function kill(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("killed");
}
