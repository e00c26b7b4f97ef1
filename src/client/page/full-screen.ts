/** Fill the screen with the page, or leave it. */
export function fillScreen(): void {
  if (!document.fullscreenEnabled) return;
  const none = document.fullscreenElement === null;
  const done = none ? document.documentElement.requestFullscreen() : document.exitFullscreen();
  // Refused by the browser: it stays as it is.
  done.catch(() => undefined);
}
