/** When a picture of a stream was captured, and when its last byte was here; milliseconds of two clocks. */
export interface PictureTime {
  readonly capturedMs: number;
  readonly cameMs: number;
}

/** How a stream of pictures comes. */
export interface Flow {
  readonly pictures: number;
  /** Milliseconds by which the middle one is later than a snapshot would be. */
  readonly lateMs: number;
  /** Milliseconds between two of them, at the camera. */
  readonly everyMs: number;
  /** The share that came together with the one before. */
  readonly together: number;
}

/** Pictures that came within so many milliseconds came together, if the camera took them further apart. */
const TOGETHER_MS = 3;

/** Bytes of the head of a part. */
const MAX_HEAD_BYTES = 1024;

/** Finds the pictures in the bytes of `stream.mjpg`, and when each was here. */
export class StreamTimes {
  /** Those of all pictures so far. */
  readonly times: PictureTime[] = [];
  #rest: Buffer = Buffer.alloc(0);

  /** Bytes that came at `nowMs`. */
  push(chunk: Buffer, nowMs: number): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#rest.indexOf("\r\n\r\n");
      if (end === -1) {
        // The head of a part is short: what is longer is no stream of ours.
        if (this.#rest.length > MAX_HEAD_BYTES) this.#rest = this.#rest.subarray(-MAX_HEAD_BYTES);
        return;
      }
      const head = this.#rest.toString("latin1", 0, end);
      const length = Number(/^Content-Length: (\d+)\r?$/im.exec(head)?.[1] ?? 0);
      const seconds = Number(/^X-Timestamp: ([\d.]+)\r?$/im.exec(head)?.[1]);
      if (this.#rest.length < end + 4 + length) return;
      this.#rest = this.#rest.subarray(end + 4 + length);
      if (seconds > 0) this.times.push({ capturedMs: 1000 * seconds, cameMs: nowMs });
    }
  }

  /** How they came. `wayMs`: what lies between the two clocks for a picture that nobody holds up. */
  flow(wayMs: number): Flow {
    const { times } = this;
    const gaps = times.slice(1).map(({ capturedMs, cameMs }, index) => {
      const before = times[index] ?? { capturedMs, cameMs };
      return { captured: capturedMs - before.capturedMs, came: cameMs - before.cameMs };
    });
    const together = gaps.filter(({ captured, came }) => came < TOGETHER_MS && captured > 3 * TOGETHER_MS);
    return {
      pictures: times.length,
      lateMs: median(times.map(({ capturedMs, cameMs }) => cameMs - capturedMs - wayMs)),
      everyMs: median(gaps.map(({ captured }) => captured)),
      together: gaps.length === 0 ? 0 : together.length / gaps.length,
    };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
