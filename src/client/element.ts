/**
 * `<hello-camera camera="front">`: a live camera anywhere in a page. Importing this registers the element; it is the
 * only module of the library that does something when imported.
 * @module
 */
import { HelloCamera } from "./hello-camera.ts";

export { HelloCamera } from "./hello-camera.ts";

declare global {
  interface HTMLElementTagNameMap {
    "hello-camera": HelloCamera;
  }
}

if (customElements.get("hello-camera") === undefined) customElements.define("hello-camera", HelloCamera);
