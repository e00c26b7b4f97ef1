/** One write that the kernel has not taken whole. It keeps its bytes alive. */
export interface WriteRequest {
  oncomplete: (status: number) => void;
  bytes?: Buffer;
}

/** What Node's streams know of the calls below them. They share it: it is of the last call. */
export interface NativeStreams {
  readonly Request: new () => WriteRequest;
  /** Bytes that came, in the call that says so; negative: the end, or an error. */
  readonly readBytes: () => number;
  /** Whether the last write has left something for later. */
  readonly isWaiting: () => boolean;
}

/** Node's inner life, as far as `process.binding` shows it. `undefined` where it is hidden, or looks otherwise than expected. */
export function nativeStreams(source: unknown = process): NativeStreams | undefined {
  const binding = bindingOf(source);
  const {
    WriteWrap,
    streamBaseState: state,
    kReadBytesOrError: read,
    kLastWriteWasAsync: waiting,
  } = binding ?? {};
  if (typeof WriteWrap !== "function" || !(state instanceof Int32Array)) return undefined;
  if (!isPlace(read, state) || !isPlace(waiting, state)) return undefined;
  return {
    Request: WriteWrap as new () => WriteRequest,
    readBytes: () => state[read] ?? 0,
    isWaiting: () => state[waiting] !== 0,
  };
}

function bindingOf(source: unknown): Readonly<Record<string, unknown>> | undefined {
  const { binding } = source as { readonly binding?: unknown };
  if (typeof binding !== "function") return undefined;
  try {
    return Reflect.apply(binding, source, ["stream_wrap"]) as Readonly<Record<string, unknown>>;
  } catch {
    // With Node's permission model it is not there.
    return undefined;
  }
}

function isPlace(place: unknown, { length }: Int32Array): place is number {
  return typeof place === "number" && place >= 0 && place < length;
}
