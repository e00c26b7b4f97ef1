import type { CameraControl } from "../protocol/index.ts";

/**
 * What is known of a camera's controls. `reading`: nothing yet. `ready`: they are there. `none`: it has none, or cannot
 * be adjusted now; `reason` says why. `forbidden`: this viewer may not.
 */
export type DeskState = "reading" | "ready" | "none" | "forbidden";

/** How a {@link ControlDesk} talks to the server: `fetch`, or a stand-in for tests. */
export type Ask = (url: string, init: RequestInit) => Promise<Response>;

/** Answers that say that this viewer may not. */
const FORBIDDEN: ReadonlySet<number> = new Set([401, 403]);

/** Time that the server has for an answer; it gives the camera 5 s. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * The controls of one camera, as a person moves them: at most one request is under way, and what is moved meanwhile waits in a
 * slot per control, where a newer value replaces an older one.
 */
export class ControlDesk {
  readonly #url: string;
  readonly #changed: () => void;
  readonly #ask: Ask;
  readonly #lifetime = new AbortController();
  readonly #wanted = new Map<string, number>();
  #controls: readonly CameraControl[] = [];
  #state: DeskState = "reading";
  #reason: string | undefined;
  #locked = false;
  #asked = false;
  #stale = false;

  /** `url`: of the camera's `controls`. `changed` is called when there is something new to show. */
  constructor(url: string, changed: () => void, ask: Ask = (address, init) => fetch(address, init)) {
    this.#url = url;
    this.#changed = changed;
    this.#ask = ask;
    this.refresh();
  }

  /** What is known. */
  get state(): DeskState {
    return this.#state;
  }

  /** The controls, each with the value that it is to have. */
  get controls(): readonly CameraControl[] {
    return this.#controls;
  }

  /** Why there are none, or why the last change was not made; one sentence. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** They can be looked at, but this viewer may not change any. */
  get locked(): boolean {
    return this.#locked;
  }

  /** Ask the camera what it has now: it may be another one, or a program may have changed something. */
  refresh(): void {
    this.#stale = true;
    this.#next();
  }

  /** Give a control a value. */
  set(name: string, value: number): void {
    if (this.#locked) return;
    this.#wanted.set(name, value);
    this.#show(this.#controls);
    this.#next();
  }

  /** Give all that can be adjusted now, or the one of this name, the value that it had from the factory. */
  reset(name?: string): void {
    for (const control of this.#controls) {
      if (name !== undefined && control.name !== name) continue;
      const adjustable = control.kind !== "button" && control.inactive !== true;
      if (adjustable && control.value !== control.default) this.#wanted.set(control.name, control.default);
    }
    this.#show(this.#controls);
    this.#next();
  }

  /** Ask no more. */
  close(): void {
    this.#lifetime.abort();
  }

  #next(): void {
    if (this.#asked || this.#lifetime.signal.aborted) return;
    if (this.#wanted.size > 0) {
      const values = Object.fromEntries(this.#wanted);
      this.#wanted.clear();
      void this.#talk(values);
    } else if (this.#stale) {
      this.#stale = false;
      void this.#talk(undefined);
    }
  }

  async #talk(values: Readonly<Record<string, number>> | undefined): Promise<void> {
    this.#asked = true;
    const { signal } = this.#lifetime;
    try {
      const response = await this.#ask(this.#url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
        ...(values === undefined ? {} : put(values)),
      });
      const body: unknown = await response.json().catch(() => undefined);
      if (signal.aborted) return;
      if (response.ok && Array.isArray(body)) this.#took(body as readonly CameraControl[], values);
      else this.#refused(response.status, said(body), values);
    } catch {
      if (signal.aborted) return;
      this.#refused(0, "the server does not answer", values);
    }
    this.#asked = false;
    this.#changed();
    this.#next();
  }

  #took(controls: readonly CameraControl[], values: Readonly<Record<string, number>> | undefined): void {
    // Of what was refused the sentence stays until something else is moved.
    if (values !== undefined || this.#state !== "ready") this.#reason = undefined;
    this.#state = controls.length === 0 ? "none" : "ready";
    if (controls.length === 0) this.#reason = "the camera has no controls";
    this.#show(controls);
  }

  #refused(status: number, reason: string, values: Readonly<Record<string, number>> | undefined): void {
    this.#reason = reason;
    if (values !== undefined) {
      // What it has now shows how much of it was done.
      if (FORBIDDEN.has(status)) this.#locked = true;
      this.#stale = true;
    } else if (FORBIDDEN.has(status)) {
      this.#state = "forbidden";
    } else {
      this.#state = "none";
      this.#controls = [];
    }
  }

  // What somebody is moving stays where the hand is.
  #show(controls: readonly CameraControl[]): void {
    this.#controls = controls.map((control) => {
      const value = this.#wanted.get(control.name);
      return value === undefined || control.kind === "button" ? control : { ...control, value };
    });
    this.#changed();
  }
}

function put(values: Readonly<Record<string, number>>): RequestInit {
  return {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(values),
  };
}

function said(body: unknown): string {
  const reason = (body as { error?: unknown } | undefined)?.error;
  return typeof reason === "string" && reason !== "" ? reason : "the server did not say why";
}
