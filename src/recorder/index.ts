/**
 * Opens a camera and puts its frames on a bus.
 * @module
 */
export { createSource } from "./create-source.ts";
export { type CaptureDevice, listDevices } from "./devices.ts";
export { ENCODER_NAMES, type EncoderName } from "./encoder-name.ts";
export { type EncoderTrial, probeEncoders } from "./encoder-trial.ts";
export type { Engine } from "./engine/engine.ts";
export { ENGINE_NAMES, type EngineName } from "./engine/engine-name.ts";
export { type EngineChoice, loadEngine } from "./engine/load-engine.ts";
export {
  type Capture,
  type CaptureCounters,
  type FrameSource,
  SourceError,
  type SourceFrame,
} from "./frame-source.ts";
export type { Mode } from "./mode.ts";
export {
  Recorder,
  type RecorderConfig,
  type RecorderCounters,
  type RecorderLog,
  type RecorderParts,
  type RunEnd,
  run,
} from "./recorder.ts";
export { redact } from "./redact.ts";
export { checkOptions, type ParsedSource, parseSource, type SourceOptions } from "./source.ts";
