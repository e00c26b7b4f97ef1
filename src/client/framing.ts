import type { ReactiveController } from "lit";
import { Gestures } from "./gestures.ts";
import {
  bounded,
  mirrored,
  moved,
  type Point,
  type Pose,
  ratio,
  type Shapes,
  transform,
  turned,
  UPRIGHT,
  zoomed,
} from "./pose.ts";
import { PoseMemory } from "./pose-memory.ts";

/** One press of a key or a button enlarges by this. */
const ZOOM_STEP = 1.4;

/** A double tap enlarges to this. */
const TAP_ZOOM = 2.5;

/** One press of an arrow key pushes by this part of the box. */
const PUSH_STEP = 0.12;

/** What is kept is written when nobody has changed it for this long: a drag is a hundred changes. */
const SETTLED_MS = 400;

const MIDDLE: Point = { x: 0, y: 0 };
const ARROWS: ReadonlyMap<string, Point> = new Map([
  ["ArrowLeft", { x: PUSH_STEP, y: 0 }],
  ["ArrowRight", { x: -PUSH_STEP, y: 0 }],
  ["ArrowUp", { x: 0, y: PUSH_STEP }],
  ["ArrowDown", { x: 0, y: -PUSH_STEP }],
]);

/** Who shows a picture. */
export interface FramingHost {
  /** Another pose: show it with {@link Framing.apply}. */
  reposed(pose: Pose): void;
  /** Whether a wheel without Ctrl is meant for the picture: somebody works with it, or it is all that there is. */
  takesWheel(): boolean;
}

/** How the picture of one camera is held: turned, mirrored, enlarged, by hand and by keys, and remembered. */
export class Framing implements ReactiveController {
  readonly #host: FramingHost;
  readonly #memory = new PoseMemory();
  #camera = "";
  #pose: Pose = UPRIGHT;
  #shapes: Shapes = { picture: 16 / 9, box: 16 / 9 };
  #gestures: Gestures | undefined;
  #box: HTMLElement | undefined;
  #lifetime = new AbortController();
  #sizes: ResizeObserver | undefined;
  #applied: { readonly frame: HTMLElement; readonly pose: Pose; readonly shapes: Shapes } | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(host: FramingHost) {
    this.#host = host;
  }

  /** How it is held. */
  get pose(): Pose {
    return bounded(this.#pose, this.#shapes);
  }

  /** Width by height of the picture as it is seen. */
  get ratio(): number {
    return ratio(this.#pose, this.#shapes.picture);
  }

  /** What pressed last: `mouse`, `pen`, `touch`. */
  get pointer(): string {
    return this.#gestures?.pointer ?? "mouse";
  }

  /** The picture is of this camera, by a name that no other server's has. */
  show(camera: string): void {
    if (camera === this.#camera) return;
    this.#keep();
    this.#camera = camera;
    this.#pose = this.#memory.recall(camera);
    this.#host.reposed(this.pose);
  }

  /** The camera gives pictures of this shape. */
  shaped(picture: number): void {
    if (picture === this.#shapes.picture) return;
    this.#shapes = { ...this.#shapes, picture };
    this.#host.reposed(this.pose);
  }

  /** Turn clockwise by so many quarters. */
  turn(quarters: number): void {
    this.#become(turned(this.#pose, quarters));
  }

  /** Exchange left and right. */
  mirror(): void {
    this.#become(mirrored(this.#pose));
  }

  /** Enlarge by a step, or the other way. */
  zoom(steps: number): void {
    this.#become(zoomed(this.#pose, ZOOM_STEP ** steps, MIDDLE, this.#shapes));
  }

  /** See all of it again. */
  whole(): void {
    this.#become({ ...this.#pose, zoom: 1, x: 0.5, y: 0.5 });
  }

  /** See it as the camera gives it. */
  upright(): void {
    this.#become(UPRIGHT);
  }

  /** A key was pressed. Whether it was for this. */
  key(name: string): boolean {
    const push = ARROWS.get(name);
    if (push === undefined || this.pose.zoom === 1) return false;
    this.#become(moved(this.#pose, push, this.#shapes));
    return true;
  }

  /** Take hold of `box`, and of what is in it. */
  hold(box: HTMLElement): void {
    if (box === this.#box) return;
    this.hostDisconnected();
    this.#lifetime = new AbortController();
    this.#box = box;
    this.#gestures = new Gestures(
      box,
      {
        movable: () => this.pose.zoom > 1,
        takesWheel: () => this.pose.zoom > 1 || this.#host.takesWheel(),
        zoom: (factor, at) => this.#become(zoomed(this.#pose, factor, at, this.#shapes)),
        move: (by) => this.#become(moved(this.#pose, by, this.#shapes)),
        doubleTap: (at) => {
          if (this.pose.zoom > 1) this.whole();
          else this.#become(zoomed(this.#pose, TAP_ZOOM, at, this.#shapes));
        },
      },
      this.#lifetime.signal,
    );
    addEventListener("pagehide", () => this.#keep(), { signal: this.#lifetime.signal });
    this.#sizes = new ResizeObserver(() => this.#measure());
    this.#sizes.observe(box);
  }

  /** Show the picture in `frame`, which is in the box, as it is held. */
  apply(frame: HTMLElement): void {
    const { pose } = this;
    if (
      frame === this.#applied?.frame &&
      same(pose, this.#applied.pose) &&
      this.#shapes === this.#applied.shapes
    )
      return;
    this.#applied = { frame, pose, shapes: this.#shapes };
    frame.classList.toggle("turned", pose.quarters % 2 === 1);
    frame.style.transform = transform(pose, this.#shapes);
    this.#box?.classList.toggle("zoomed", pose.zoom > 1);
  }

  /** Let go of it. */
  hostDisconnected(): void {
    this.#keep();
    this.#lifetime.abort();
    this.#sizes?.disconnect();
    this.#box = undefined;
    this.#gestures = undefined;
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.#box ?? { clientWidth: 0, clientHeight: 0 };
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#shapes = { ...this.#shapes, box: clientWidth / clientHeight };
    this.#host.reposed(this.pose);
  }

  #become(pose: Pose): void {
    this.#pose = bounded(pose, this.#shapes);
    this.#host.reposed(this.#pose);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#keep(), SETTLED_MS);
  }

  #keep(): void {
    if (this.#settling === undefined) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#memory.keep(this.#camera, this.#pose);
  }
}

function same(a: Pose, b: Pose): boolean {
  return (
    a.quarters === b.quarters && a.mirrored === b.mirrored && a.zoom === b.zoom && a.x === b.x && a.y === b.y
  );
}
