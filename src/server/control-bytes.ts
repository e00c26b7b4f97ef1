import { type CameraInfo, Control } from "../protocol/index.ts";
import { message as messageOf, Opcode } from "./message-header.ts";

/** Control messages as whole WebSocket messages. What is said of a camera, or of all, is the same for all viewers: it is made once. */
export class ControlBytes {
  /** By what they tell of: it does not change. */
  readonly #shared = new WeakMap<CameraInfo | readonly CameraInfo[], Buffer>();

  /** The message's bytes. Never write to them. */
  of(message: Control.Control): Buffer {
    const subject =
      message.type === "camera" ? message.camera : message.type === "cameras" ? message.cameras : undefined;
    if (subject === undefined) return made(message);
    let bytes = this.#shared.get(subject);
    if (bytes === undefined) {
      bytes = made(message);
      this.#shared.set(subject, bytes);
    }
    return bytes;
  }
}

function made(message: Control.Control): Buffer {
  return messageOf(Opcode.TEXT, Buffer.from(Control.encode(message)));
}
