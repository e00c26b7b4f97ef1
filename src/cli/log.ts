import { type Logger, pino } from "pino";

/**
 * The program's log, on standard error: lines for people on a terminal, JSON where a program reads along.
 * Synchronous, so that the last line before an end is not lost.
 */
export async function openLog(level: string): Promise<Logger> {
  if (!process.stderr.isTTY) return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  const { default: pretty } = await import("pino-pretty");
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: true,
    ignore: "pid,hostname",
    translateTime: "HH:MM:ss",
  });
  return pino({ level, base: null }, stream);
}
