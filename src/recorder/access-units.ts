import { AnnexB, type NalCodec, type Size } from "../codec/index.ts";

/** A frame of a track that consists of access units, or of other packets that a decoder takes as they are. */
export interface CodedFrame {
  readonly keyframe: boolean;
  readonly discardable: boolean;
  readonly payload: Uint8Array;
}

/** What a coded stream says of itself. */
export interface Description {
  /** As WebCodecs names it. */
  readonly codec: string;
  readonly size: Size;
}

/**
 * Brings the access units of an H.264 or H.265 stream into the form in which they travel: Annex B, with the parameter
 * sets in front of every keyframe, so that a decoder can start at any of them.
 */
export class AccessUnits {
  readonly #codec: NalCodec;
  readonly #sets = new Map<string, Uint8Array>();
  #lengthBytes: number | undefined;
  #sequence: Uint8Array | undefined;
  #description: Description | undefined;

  /** `parameters` is what the container says in front of the stream. */
  constructor(codec: NalCodec, parameters?: Uint8Array) {
    this.#codec = codec;
    if (parameters !== undefined) this.configure(parameters);
  }

  /** What the stream is now; absent until a parameter set was seen. Another object when it changes. */
  get description(): Description | undefined {
    return this.#description;
  }

  /** Take over what the container says from now on. */
  configure(parameters: Uint8Array): void {
    const { lengthBytes, parameterSets } = this.#codec.configuration(parameters);
    this.#lengthBytes = lengthBytes;
    this.#sets.clear();
    this.#learn(parameterSets.map((unit) => unit.slice()));
  }

  /**
   * The frame of one access unit; `undefined` if it has no picture. `bytes` may become the payload. With `entry` the
   * container says that a decoder can start here: not only the pictures that the codec calls so are such.
   */
  push(bytes: Uint8Array, entry = false): CodedFrame | undefined {
    const units =
      this.#lengthBytes === undefined ? AnnexB.split(bytes) : AnnexB.splitByLength(bytes, this.#lengthBytes);
    const slices = units.filter((unit) => this.#codec.isSlice(unit));
    const [first] = slices;
    if (first === undefined) {
      this.#learn(units);
      return undefined;
    }
    const keyframe = entry || this.#codec.isKeyframe(first);
    const own = this.#learn(units);
    const discardable = !keyframe && slices.every((slice) => this.#codec.isDiscardable(slice));
    const missing = keyframe ? [...this.#sets].filter(([key]) => !own.has(key)).map(([, unit]) => unit) : [];
    const untouched = this.#lengthBytes === undefined && missing.length === 0;
    return { keyframe, discardable, payload: untouched ? bytes : AnnexB.join([...missing, ...units]) };
  }

  /** Keep the parameter sets among `units`; the answer names them. */
  #learn(units: readonly Uint8Array[]): Set<string> {
    const own = new Set<string>();
    for (const unit of units) {
      const key = this.#codec.parameterSet(unit);
      if (key === undefined) continue;
      own.add(key);
      // A copy: what it came in is a frame, which others hold for as long as they like.
      const known = this.#sets.get(key);
      if (known === undefined || Buffer.compare(known, unit) !== 0) this.#sets.set(key, unit.slice());
      if (this.#codec.isSequence(unit)) this.#describe(unit);
    }
    return own;
  }

  #describe(sequence: Uint8Array): void {
    if (this.#sequence !== undefined && Buffer.compare(this.#sequence, sequence) === 0) return;
    this.#sequence = sequence.slice();
    this.#description = { codec: this.#codec.codecString(sequence), size: this.#codec.size(sequence) };
  }
}
