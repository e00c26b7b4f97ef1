import { counter, type Family, type Kind } from "../server/metrics/family.ts";

const RECORDERS: Kind = counter("recorder_restarts", "How often a camera's recorder was started again.");
const WORKERS: Kind = counter(
  "worker_restarts",
  "How often a process that serves viewers was started again.",
);

/** How often programs that this process starts have been started again. */
export class Restarts {
  readonly #recorders = new Map<string, number>();
  readonly #workers = new Map<string, number>();

  /** The recorder of a camera starts, for the first time or again. */
  recorder(camera: string): void {
    count(this.#recorders, camera);
  }

  /** A camera is recorded no longer. */
  forget(camera: string): void {
    this.#recorders.delete(camera);
  }

  /** A worker starts, for the first time or again. */
  worker(name: string): void {
    count(this.#workers, name);
  }

  /** For `/metrics`. */
  families(): readonly Family[] {
    const lines = (label: string, counts: ReadonlyMap<string, number>): Family["values"] =>
      [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));
    return [
      { ...RECORDERS, values: lines("camera", this.#recorders) },
      { ...WORKERS, values: lines("worker", this.#workers) },
    ];
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? -1) + 1);
}
