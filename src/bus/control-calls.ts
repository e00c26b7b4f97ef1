import { type CameraControl, type Control, Limits } from "../protocol/index.ts";

/** Milliseconds that a camera has to answer. A driver that moves a lens takes its time. */
const ANSWER_TIMEOUT_MS = 5000;

/** Questions that may wait for an answer on one connection: people move sliders, programs do not flood. */
const MAX_WAITING = 64;

/** A camera cannot be adjusted. The message is one sentence for who asked. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

interface Waiting {
  readonly resolve: (controls: readonly CameraControl[]) => void;
  readonly reject: (error: ControlError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Questions to the controls of cameras on one connection, until they are answered. */
export class ControlCalls {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  /** Ask: `send` puts the question on the connection. @throws ControlError */
  ask(
    camera: string,
    set: ReadonlyMap<string, number>,
    send: (message: Control.Adjust) => void,
  ): Promise<readonly CameraControl[]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= MAX_WAITING) {
        reject(new ControlError(`${MAX_WAITING} questions wait for an answer already`));
        return;
      }
      const call = ++this.#last;
      const timer = setTimeout(() => {
        this.#waiting.delete(call);
        reject(new ControlError(`the camera did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`));
      }, ANSWER_TIMEOUT_MS);
      this.#waiting.set(call, { resolve, reject, timer });
      send({ type: "adjust", camera, call, set: Object.fromEntries(set) });
    });
  }

  /** An answer came. One that nobody waits for is late, not wrong. */
  answer({ call, controls, reason }: Control.Adjusted): void {
    const waiting = this.#take(call);
    if (reason === undefined) waiting?.resolve(controls);
    else waiting?.reject(new ControlError(reason));
  }

  /** No answer can come any more. */
  fail(reason: string): void {
    for (const [call, waiting] of this.#waiting) {
      this.#take(call);
      waiting.reject(new ControlError(reason));
    }
  }

  #take(call: number): Waiting | undefined {
    const waiting = this.#waiting.get(call);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(call);
    return waiting;
  }
}

/** Answer a question that came over a connection with what `adjust` says. */
export function answerControl(
  { camera, call, set }: Control.Adjust,
  adjust: (set: ReadonlyMap<string, number>) => Promise<readonly CameraControl[]>,
  tell: (message: Control.Adjusted) => void,
): void {
  adjust(new Map(Object.entries(set))).then(
    (controls) => tell({ type: "adjusted", camera, call, controls }),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      tell({
        type: "adjusted",
        camera,
        call,
        controls: [],
        reason: reason.slice(0, Limits.MAX_TEXT_CHARACTERS),
      });
    },
  );
}
