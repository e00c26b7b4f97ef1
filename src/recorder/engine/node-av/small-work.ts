/**
 * Pictures up to this size (480x270) are worked on by the thread that asks: it takes less than a millisecond, and another thread
 * would cost more to wake up and to be woken up by, ten times a second in each of many recorders.
 */
const SMALL_PIXELS = 480 * 270;

/** Whether it is less work to do something with a picture of this size than to hand it to another thread. */
export function isSmall({ width, height }: { readonly width: number; readonly height: number }): boolean {
  return width * height <= SMALL_PIXELS;
}
