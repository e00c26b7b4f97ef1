import { constants } from "node:os";

/** What went wrong, in the words of the system or of FFmpeg's libraries, at the end of a line of the command. */
const REASONS =
  /(Device or resource busy|No such file or directory|No such device|Permission denied|Connection refused|(?:Connection|Operation) timed out|No route to host|Network is unreachable|Name or service not known|Inappropriate ioctl for device|Invalid data found when processing input|Protocol not found|Invalid argument|Input\/output error|Cannot allocate memory|Server returned .*|Unknown (?:encoder|decoder) '\w+'|Encoder not found|Decoder not found|Option not found|Operation not permitted|Function not implemented)\.?$/;

/** Reasons that only say that something above in the list has failed. */
const VAGUE = /^(Invalid argument|Input\/output error|Operation not permitted)$/;

const PREFIX = /^(?:\[[^\]]* @ [^\]]*\] )*\[(error|fatal|panic)\] (.*)$/;

/** The `ffmpeg` command has failed. The message is its reason, in lower case. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** As FFmpeg's libraries say it, where the reason is one that a caller may want to know: negative. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

/** The error in what the command has written before it ended: `lines` of its log, each with its level. */
export function complaint(lines: readonly string[]): CommandError {
  const said = lines.flatMap((line) => PREFIX.exec(line)?.[2] ?? []);
  if (said.some((line) => /matches no streams/.test(line))) return new CommandError("it has no video");
  const reasons = said.flatMap((line) => REASONS.exec(line)?.[1] ?? []);
  const reason = reasons.findLast((text) => !VAGUE.test(text)) ?? reasons.at(-1) ?? said.at(-1);
  if (reason === undefined) return new CommandError("ffmpeg has ended without a reason");
  const busy = reason === "Device or resource busy";
  return new CommandError(
    reason.charAt(0).toLowerCase() + reason.slice(1),
    busy ? -constants.errno.EBUSY : undefined,
  );
}
