import type { Point } from "./pose.ts";

/** A pointer that moves less than this many CSS pixels between down and up has pressed. */
const STILL_PX = 6;

/** Two presses of a finger within this time and distance are one double tap. */
const DOUBLE_MS = 320;
const DOUBLE_PX = 32;

/** How much a wheel enlarges, per CSS pixel that it would scroll; a pinch on a pad comes as a wheel with smaller steps. */
const WHEEL_PER_PX = 0.0018;
const PAD_PER_PX = 0.01;

/** CSS pixels that a wheel scrolls per line, and per page. */
const LINE_PX = 16;
const PAGE_PX = 400;

/** One turn of a wheel enlarges by no more than this, whatever the mouse says. */
const WHEEL_MOST = 2;

/** What gestures do. Places are parts of the box. */
export interface GestureEvents {
  /** Whether the picture can be pushed: it is larger than its box. */
  movable(): boolean;
  /** Whether a wheel without Ctrl is for the picture, not for the page. */
  takesWheel(): boolean;
  /** Enlarge by `factor`, about `at`. */
  zoom(factor: number, at: Point): void;
  /** Push. */
  move(by: Point): void;
  /** Two quick taps with a finger. */
  doubleTap(at: Point): void;
}

interface Finger {
  readonly downX: number;
  readonly downY: number;
  x: number;
  y: number;
}

/** Wheel, drag, pinch and double tap on a picture. */
export class Gestures {
  readonly #box: HTMLElement;
  readonly #events: GestureEvents;
  readonly #fingers = new Map<number, Finger>();
  #moved = false;
  #pinched = false;
  #tap: { readonly atMs: number; readonly x: number; readonly y: number } | undefined;
  #pointer = "mouse";

  /** Watch `box` until `signal`. */
  constructor(box: HTMLElement, events: GestureEvents, signal: AbortSignal) {
    this.#box = box;
    this.#events = events;
    box.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    box.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    box.addEventListener("pointermove", (event) => this.#move(event), { signal });
    box.addEventListener("pointerup", (event) => this.#up(event), { signal });
    box.addEventListener("pointercancel", (event) => this.#drop(event), { signal });
    // The end of a drag is no press, whoever else waits for one.
    box.addEventListener("click", (event) => this.#moved && event.stopPropagation(), { signal });
  }

  /** What pressed last: `mouse`, `pen`, `touch`. */
  get pointer(): string {
    return this.#pointer;
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey && !this.#events.takesWheel()) return;
    event.preventDefault();
    const unit = [1, LINE_PX, PAGE_PX][event.deltaMode] ?? 1;
    // A pad's pinch has Ctrl set though nobody holds it, and moves in small steps.
    const pinch = event.ctrlKey && event.deltaMode === 0 && Math.abs(event.deltaY) < 30;
    const power = -event.deltaY * unit * (pinch ? PAD_PER_PX : WHEEL_PER_PX);
    const factor = Math.min(WHEEL_MOST, Math.max(1 / WHEEL_MOST, Math.exp(power)));
    this.#events.zoom(factor, this.#place(event.clientX, event.clientY));
  }

  #down(event: PointerEvent): void {
    this.#pointer = event.pointerType;
    if (event.button !== 0) return;
    const { clientX: x, clientY: y } = event;
    if (this.#fingers.size === 0) {
      this.#moved = false;
      this.#pinched = false;
    }
    this.#fingers.set(event.pointerId, { downX: x, downY: y, x, y });
    if (this.#fingers.size === 2) {
      this.#pinched = true;
      for (const id of this.#fingers.keys()) this.#capture(id);
    }
  }

  #move(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    if (finger === undefined) return;
    const { clientX: x, clientY: y } = event;
    const far = Math.hypot(x - finger.downX, y - finger.downY) > STILL_PX;
    if (this.#fingers.size === 1) {
      if (!far && !this.#moved) return;
      if (this.#events.movable()) {
        if (!this.#moved) this.#capture(event.pointerId);
        this.#moved = true;
        this.#push(x - finger.x, y - finger.y);
      }
    } else if (this.#fingers.size === 2) {
      const [other] = [...this.#fingers].filter(([id]) => id !== event.pointerId).map(([, entry]) => entry);
      if (other !== undefined) this.#pinch(finger, { x, y }, other);
    }
    finger.x = x;
    finger.y = y;
  }

  #pinch(finger: Finger, to: Point, other: Finger): void {
    this.#moved = true;
    const before = Math.hypot(finger.x - other.x, finger.y - other.y);
    const after = Math.hypot(to.x - other.x, to.y - other.y);
    this.#push((to.x - finger.x) / 2, (to.y - finger.y) / 2);
    if (before > 0 && after > 0) {
      this.#events.zoom(after / before, this.#place((to.x + other.x) / 2, (to.y + other.y) / 2));
    }
  }

  #up(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    this.#drop(event);
    if (finger === undefined || event.pointerType !== "touch" || this.#moved || this.#pinched) return;
    const { clientX: x, clientY: y, timeStamp: atMs } = event;
    const last = this.#tap;
    this.#tap = { atMs, x, y };
    if (last === undefined || atMs - last.atMs > DOUBLE_MS) return;
    if (Math.hypot(x - last.x, y - last.y) > DOUBLE_PX) return;
    this.#tap = undefined;
    this.#events.doubleTap(this.#place(x, y));
  }

  #drop(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
  }

  #capture(id: number): void {
    try {
      this.#box.setPointerCapture(id);
    } catch {
      // The finger is off already.
    }
  }

  #push(x: number, y: number): void {
    const { width, height } = this.#box.getBoundingClientRect();
    if (width > 0 && height > 0) this.#events.move({ x: x / width, y: y / height });
  }

  #place(x: number, y: number): Point {
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    if (width === 0 || height === 0) return { x: 0, y: 0 };
    return { x: (x - left) / width - 0.5, y: (y - top) / height - 0.5 };
  }
}
