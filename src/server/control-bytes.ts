import { type CameraInfo, Control } from "../protocol/index.ts";
import { message as messageOf, Opcode } from "./message-header.ts";

/** Control messages as whole WebSocket messages. What is said of a camera is the same for all viewers: it is made once. */
export class ControlBytes {
  readonly #cameras = new WeakMap<CameraInfo, Buffer>();

  /** The message's bytes. Never write to them. */
  of(message: Control.Control): Buffer {
    if (message.type !== "camera") return made(message);
    let bytes = this.#cameras.get(message.camera);
    if (bytes === undefined) {
      bytes = made(message);
      this.#cameras.set(message.camera, bytes);
    }
    return bytes;
  }
}

function made(message: Control.Control): Buffer {
  return messageOf(Opcode.TEXT, Buffer.from(Control.encode(message)));
}
