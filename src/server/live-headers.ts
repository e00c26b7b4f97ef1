/**
 * Headers of what is of this instant: nobody may keep it, recode it, or wait until there is more of it. The last is said to nginx,
 * which holds an answer back in its buffers otherwise.
 */
export const LIVE_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};
