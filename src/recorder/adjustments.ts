import type { CameraControl } from "../protocol/index.ts";
import { type SourceControls, SourceError } from "./frame-source.ts";

/** Sets the controls of a source within their bounds, and sets them again when the source has forgotten. */
export class Adjustments {
  readonly #controls: SourceControls;
  readonly #set = new Map<string, number>();

  constructor(controls: SourceControls) {
    this.#controls = controls;
  }

  /**
   * Set `values`, and tell all controls as they are then.
   * @throws SourceError naming the control, the value and what was expected; nothing was set then
   */
  async adjust(values: ReadonlyMap<string, number>): Promise<readonly CameraControl[]> {
    const before = await this.#controls.read();
    if (values.size === 0) return before;
    for (const [name, value] of values) check(before, name, value);
    await this.#controls.write(values);
    for (const [name, value] of values) {
      if (before.find((control) => control.name === name)?.kind !== "button") this.#set.set(name, value);
    }
    return this.#controls.read();
  }

  /** Set all of them again. A camera that takes them no longer gives its picture all the same. */
  async restore(): Promise<void> {
    if (this.#set.size === 0) return;
    await this.#controls.write(this.#set).catch(() => {});
  }
}

function check(controls: readonly CameraControl[], name: string, value: number): void {
  const control = controls.find((candidate) => candidate.name === name);
  if (control === undefined) {
    const names = controls.map((candidate) => candidate.name).join(", ");
    throw new SourceError(
      `there is no control "${name}"; expected ${names || "none, the camera has no controls"}`,
    );
  }
  const { kind, min, max, step, choices } = control;
  if (kind === "menu" && choices !== undefined && !choices.some((choice) => choice.value === value)) {
    const expected = choices.map((choice) => `${choice.value} (${choice.label})`).join(", ");
    throw new SourceError(`${name} ${value} is not right: expected ${expected}`);
  }
  if (value < min || value > max || !Number.isInteger((value - min) / step)) {
    const steps = step === 1 ? "a whole number" : `steps of ${step}`;
    throw new SourceError(`${name} ${value} is not right: expected ${steps} from ${min} to ${max}`);
  }
}
