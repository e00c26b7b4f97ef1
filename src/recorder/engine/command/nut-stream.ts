/** The stream of video in a NUT file. */
export interface NutStream {
  /** Which codec: four characters. */
  readonly tag: Uint8Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Packets by which pictures come later than their packets. */
  readonly delay: number;
  /** Parameters of the codec that are not in its packets; may be empty. */
  readonly parameters: Uint8Array;
  /** Microseconds per tick of its clock. */
  readonly tickMicros: number;
}

/** A packet of the stream. */
export interface NutPacket {
  /** When to show it, in µs of the writer's clock. */
  readonly ptsMicros: number;
  readonly keyframe: boolean;
  readonly bytes: Uint8Array;
  /** Parameters of the codec that hold from this packet on. */
  readonly newParameters: Uint8Array | undefined;
}
