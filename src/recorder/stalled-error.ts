import { SourceError } from "./frame-source.ts";

/** A camera is there and gives no picture, or always the same. Opening it again may help. */
export class StalledError extends SourceError {}
