import { distance } from "../../flow/serial.ts";

/**
 * Which of the acknowledgements of several receivers of one track are passed on to its sender: those of who is furthest.
 * So the fastest sets the pace, and who is slow, frozen or gone holds nobody up. Each of them takes what there is when it can.
 */
export class Lead<Receiver> {
  #leader: Receiver | undefined;
  #sequence: number | undefined;
  #windowFrames: number;

  /** `windowFrames`: what the sender was told first. */
  constructor(windowFrames: number) {
    this.#windowFrames = windowFrames;
  }

  /** The window that the sender knows. */
  get windowFrames(): number {
    return this.#windowFrames;
  }

  /** `receiver` has done with everything up to `sequence`, and is ready to hold so many more. Whether the sender is to hear it. */
  acknowledge(receiver: Receiver, sequence: number, windowFrames: number): boolean {
    const ahead = this.#sequence === undefined ? 1 : distance(sequence, this.#sequence);
    const leads = receiver === this.#leader;
    if (ahead < 0 || (ahead === 0 && !leads && windowFrames <= this.#windowFrames)) return false;
    this.#leader = receiver;
    this.#sequence = sequence;
    this.#windowFrames = windowFrames;
    return true;
  }

  /** `receiver` has another window before it has done with anything. Whether the sender is to hear it. */
  resize(receiver: Receiver, windowFrames: number): boolean {
    if (receiver !== this.#leader && windowFrames <= this.#windowFrames) return false;
    this.#windowFrames = windowFrames;
    return true;
  }

  /** The track has another number: its sequences say nothing any more. */
  restart(): void {
    this.#leader = undefined;
    this.#sequence = undefined;
  }
}
