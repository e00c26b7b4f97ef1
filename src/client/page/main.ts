/**
 * The page: a wall of all cameras, or the one named behind the `#` of its address. `?track=` and `?decoder=` say how
 * they are shown, for who wants to compare.
 * @module
 */
import type { CameraInfo } from "../../protocol/index.ts";
import { HelloCamera } from "../hello-camera.ts";
import { type Link, listCameras } from "../index.ts";
import { HelloAccount } from "./access/account.ts";
import { HelloShares } from "./access/shares.ts";
import { Roster } from "./roster.ts";
import { Wall } from "./wall.ts";

/** As seen from the page, so that it also works below a path of another server. */
const SOURCE = "ws";

/** How often a camera that vanished with its server is looked after. */
const TIDY_EVERY_MS = 5_000;

const query = new URLSearchParams(location.search);
const roster = new Roster();
let cameras: readonly CameraInfo[] | undefined;
let link: Link | undefined;
/** Since when the link stands as it does. On a steady clock, as all here: the time of day may be set. */
let linkedAtMs = 0;

customElements.define("hello-camera", HelloCamera);
customElements.define("hello-shares", HelloShares);
customElements.define("hello-account", HelloAccount);
const wall = new Wall({
  source: SOURCE,
  track: query.get("track") ?? "",
  decoder: query.get("decoder") ?? "",
});

function update(): void {
  const nowMs = performance.now();
  const openMs = link?.state === "open" ? nowMs - linkedAtMs : 0;
  wall.update(cameras === undefined ? undefined : roster.update(cameras, nowMs, openMs), link);
}

setInterval(() => {
  if (!document.hidden) update();
}, TIDY_EVERY_MS);
listCameras(SOURCE, (directory, state) => {
  cameras = directory;
  if (state.state !== link?.state) linkedAtMs = performance.now();
  link = state;
  update();
});
