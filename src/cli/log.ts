import { type Logger, type LoggerOptions, pino } from "pino";

/** How the log is written: for programs, or for people. `auto`: for people on a terminal. */
export type LogFormat = "auto" | "json" | "pretty";

/** Which log, and whose. */
export interface LogOptions {
  readonly level: string;
  readonly format: LogFormat;
  /** The process that writes it: `main`, `worker-1`, `recorder`. */
  readonly process: string;
}

/** Never written, wherever it stands in what is logged. */
const SECRET = ["token", "password", "authorization", "cookie"].flatMap((key) => [
  key,
  `*.${key}`,
  `*.*.${key}`,
]);

/**
 * The program's log, on standard error: lines for people on a terminal, JSON where a program reads along.
 * Synchronous, so that the last line before an end is not lost.
 */
export async function openLog({ level, format, process: name }: LogOptions): Promise<Logger> {
  const options: LoggerOptions = { level, base: { process: name }, redact: { paths: SECRET, censor: "…" } };
  if (format === "json" || (format === "auto" && !process.stderr.isTTY)) {
    const json: LoggerOptions = {
      ...options,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    };
    return pino(json, pino.destination({ dest: 2, sync: true }));
  }
  const { default: pretty } = await import("pino-pretty");
  const stream = pretty({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY,
    ignore: "pid,hostname,process",
    translateTime: "HH:MM:ss",
  });
  return pino(options, stream);
}
