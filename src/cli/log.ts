import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

/**
 * The program's log, on standard error: lines for people on a terminal, JSON where a program reads along.
 * Synchronous, so that the last line before an end is not lost.
 */
export function openLog(level: string): Logger {
  if (!process.stderr.isTTY) return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: true,
    ignore: "pid,hostname",
    translateTime: "HH:MM:ss",
  });
  return pino({ level, base: null }, stream);
}
