/**
 * The stage as a worker: pictures are received, decoded and painted here, so a busy page never makes them late.
 * @module
 */
import type { Command, Report } from "./messages.ts";
import { Stage } from "./stage.ts";

const stage = new Stage((report) => {
  if (report.type === "segment") postMessage(report, { transfer: [report.segment.bytes.buffer] });
  else postMessage(report);
});

addEventListener("message", (event: MessageEvent<Command>) => stage.obey(event.data));

// Some browsers have workers and off-screen canvases, but cannot paint on the one in the other.
const able = new OffscreenCanvas(1, 1).getContext("2d") !== null;
postMessage({ type: able ? "ready" : "unable" } satisfies Report);
