import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { takeOver } from "../bus/index.ts";
import { cut } from "./cut.ts";
import { nativeStreams, type WriteRequest } from "./native-streams.ts";

/** What comes from the other end. */
export interface LinkEvents {
  /** The first `length` bytes of `chunk` came. They are good until the call returns. */
  bytes(chunk: Buffer, length: number): void;
  /** All that was written has left this process. */
  drained(): void;
  /** The connection ended. Called once. */
  closed(): void;
}

/** What libuv's handle of a TCP socket offers to whoever does without a stream. */
interface Handle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
  /** Called for what is read, and for the end. */
  onread: (chunk?: ArrayBuffer) => unknown;
}

/** Bytes read at once. Far more than a viewer sends; what is longer comes in several calls. */
const INPUT_BYTES = 16 * 1024;

/** What all viewers are read into: their bytes are used up before the next are read. */
const INPUT = Buffer.allocUnsafeSlow(INPUT_BYTES);

const NATIVE = nativeStreams();

/** A request that no write has needed yet. One that the kernel takes whole at once, which is nearly every one, needs none. */
let spare: WriteRequest | undefined;

/**
 * The TCP connection of a viewer after its handshake: bytes in and out, with nothing allocated for either.
 *
 * A stream would cost more than the kernel's own work for small frames: a request, a callback and a tick for each
 * write, 64 KiB of memory for each read. So reads and writes go past it, to the handle below, which never holds anything itself: a
 * read into memory that all viewers share. The stream has what is rare: the end, errors, and what closes. That is Node's inner
 * life: where it looks otherwise than expected, the stream is used.
 */
export class ViewerLink {
  readonly #events: LinkEvents;
  readonly #socket: Duplex;
  readonly #handle: Handle | undefined;
  // Bytes of frames that wait below the stream.
  #queuedBytes = 0;
  #ended = false;
  #closed = false;
  // A stream says "drain" only where it was full: what is less waits as well, behind encryption.
  readonly #written = (error?: Error | null): void => {
    if (!error && !this.#closed && this.#socket.writableLength === 0) this.#events.drained();
  };

  /** Takes `tcp` over: nobody else uses it from now on. `direct: false` stays with the stream, whatever Node offers. */
  constructor(
    tcp: Duplex,
    response: string,
    events: LinkEvents,
    { direct = true }: { readonly direct?: boolean } = {},
  ) {
    this.#events = events;
    const handle = direct ? handleOf(tcp) : undefined;
    tcp.write(Buffer.from(response, "latin1"));
    const taken = handle !== undefined && tcp.writableLength === 0;
    const callback = (length: number): boolean => {
      events.bytes(INPUT, length);
      return true;
    };
    this.#socket = taken ? takeOver(tcp as Socket, { buffer: INPUT, callback }) : tcp;
    this.#handle = taken ? handle : undefined;
    if (this.#handle === undefined) {
      this.#socket.on("data", (chunk: Buffer) => events.bytes(chunk, chunk.byteLength));
    } else {
      readDirect(this.#handle, events);
    }
    // A server's sockets may stay half open; a viewer that says no more hears no more.
    this.#socket.on("end", () => this.#socket.end());
    // The end says all that there is to say.
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#ended = true;
      this.#closed = true;
      events.closed();
    });
  }

  /** Whether writes go past the stream. */
  get isDirect(): boolean {
    return this.#handle !== undefined;
  }

  /** Bytes written that have not left this process. */
  get unsentBytes(): number {
    // A stream that is written past holds nothing.
    return this.#handle === undefined ? this.#socket.writableLength : this.#queuedBytes;
  }

  /** Write bytes that nobody changes any more. Nothing happens behind an {@link end}. */
  write(bytes: Buffer): void {
    if (this.#ended) return;
    if (this.#handle === undefined) this.#socket.write(bytes, this.#written);
    else this.#writeDirect(this.#handle, bytes);
  }

  /** Take nothing more of what comes, for good: the kernel holds the other side up. Its end is not seen any more: {@link destroy}. */
  stopReading(): void {
    // Also below a stream that is read past: it is the stream that has told its handle to read.
    this.#socket.pause();
  }

  /** Say that nothing more is written; the connection ends when the other side has said so too. */
  end(): void {
    this.#ended = true;
    this.#socket.end();
  }

  /** End at once, whatever has not left. */
  destroy(): void {
    this.#ended = true;
    cut(this.#socket);
  }

  #writeDirect(handle: Handle, bytes: Buffer): void {
    const request = spare ?? newRequest();
    spare = request;
    const error = handle.writeBuffer(request, bytes);
    if (error !== 0) {
      this.#socket.destroy();
    } else if (NATIVE?.isWaiting() === true) {
      // The kernel did not take all of it: the request is in use until it has.
      spare = undefined;
      this.#queuedBytes += bytes.byteLength;
      request.bytes = bytes;
      request.oncomplete = (status) => {
        this.#queuedBytes -= bytes.byteLength;
        if (this.#closed) return;
        if (status < 0) this.#socket.destroy();
        else if (this.unsentBytes === 0) this.#events.drained();
      };
    }
  }
}

/** Take what is read before the stream does, and leave the rest to it: the end, and errors. */
function readDirect(handle: Handle, events: LinkEvents): void {
  const { onread } = handle;
  handle.onread = (chunk) => {
    const length = NATIVE?.readBytes() ?? 0;
    if (length <= 0) return onread.call(handle, chunk);
    events.bytes(INPUT, length);
    return undefined;
  };
}

function newRequest(): WriteRequest {
  if (NATIVE === undefined) throw new Error("this Node hides its write requests");
  return new NATIVE.Request();
}

function handleOf(tcp: Duplex): Handle | undefined {
  if (NATIVE === undefined || !(tcp instanceof Socket) || tcp.constructor !== Socket) return undefined;
  const { _handle: handle } = tcp as unknown as {
    _handle?: (Partial<Handle> & { readonly useUserBuffer?: unknown }) | null;
  };
  const fits =
    handle?.constructor.name === "TCP" &&
    typeof handle.writeBuffer === "function" &&
    typeof handle.onread === "function" &&
    typeof handle.useUserBuffer === "function";
  return fits ? (handle as Handle) : undefined;
}
