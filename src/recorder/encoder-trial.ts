import type { EncoderName } from "./encoder-name.ts";
import { type EngineChoice, loadEngine } from "./engine/load-engine.ts";

/** Whether an H.264 encoder works on this machine. */
export interface EncoderTrial {
  readonly name: EncoderName;
  readonly works: boolean;
  /** Why not; empty if it works. */
  readonly reason: string;
}

/** Tries every H.264 encoder, in the order of preference. @throws SourceError if there is no engine on this machine */
export async function probeEncoders(choice?: EngineChoice): Promise<EncoderTrial[]> {
  const { tryEncoders } = await import("./encoder-choice.ts");
  return tryEncoders(await loadEngine(choice));
}
