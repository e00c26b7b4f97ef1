import type { InputOptions } from "../engine.ts";

/** Formats of devices that are no pictures but coded: they are passed on as they are. */
const CODED = new Set(["mjpeg", "jpeg", "h264", "hevc", "vp8", "vp9", "mpeg4"]);

/** A picture that has waited for longer in the driver is left out, in seconds; of slow cameras two and a half of their intervals. */
const MAX_WAIT_SECONDS = 0.25;
/** The rate of a device that does not say it, in frames per second. */
const SLOW_RATE = 5;
/** An age beyond this is no age but another clock, in seconds. */
const MAX_AGE_SECONDS = 10;

/**
 * What makes pictures that encoders take of those of a raw device, on their way here: nobody has to read them twice.
 * `undefined` for other devices. A driver holds dozens of pictures, and where this machine is too slow for all of them
 * it would show them all, late: those that are late are left out in front of the work. `offsetSeconds` is what has to be
 * added to the driver's clock for the time of day.
 */
export function madeOfRaw(
  { options = {}, device }: InputOptions,
  offsetSeconds: number,
): string[] | undefined {
  const format = options["input_format"] ?? options["pixel_format"];
  if (device !== true || format === undefined || CODED.has(format)) return undefined;
  const late = Math.max(MAX_WAIT_SECONDS, 2.5 / Number(options["framerate"] ?? SLOW_RATE));
  // Of a clock that is set meanwhile all would seem late: then the watchdog opens the device again, with a new offset.
  const age = `time(0)-t-(${offsetSeconds.toFixed(6)})`;
  const select = `select='not(between(${age},${late.toFixed(3)},${MAX_AGE_SECONDS}))'`;
  return ["-vf", `${select},scale=out_range=pc`, ..."-pix_fmt yuv420p -c:v rawvideo -threads 1".split(" ")];
}
