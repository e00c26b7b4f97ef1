import { bytes, json, type Operation, type Query, text } from "./operation.ts";

const CAMERA: Query = { name: "camera", description: "id of a camera; the first, if it is left out" };
const SOURCE: Query = { name: "src", description: "id of a camera" };
const PLAIN_404 = text("text/plain", "there is no such camera");
const USTREAMER_404 = json("UStreamerError", "there is no such camera");
const PARTS = "multipart/x-mixed-replace";

const flag = (name: string, description: string): Query => ({
  name,
  description,
  pattern: "^(1|0|true|false)$",
});

/** The addresses of other streamers, which answer as those do. */
export const DROP_IN_OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /": {
    tag: "drop-in",
    summary: "The page; with action, mjpg-streamer's stream or snapshot",
    query: [
      {
        name: "action",
        description: "stream or snapshot; stream_1 and snapshot_1 are those of the second camera, and so on",
      },
      CAMERA,
    ],
    answers: {
      200: {
        description: "without action the page; a stream of parts, or a picture",
        content: { "text/html": "text", [PARTS]: "bytes", "image/jpeg": "bytes" },
      },
      404: PLAIN_404,
      501: text("text/plain", "another action: nothing is changed by a GET"),
    },
  },
  "GET /stream": {
    tag: "drop-in",
    summary: "µStreamer's stream",
    query: [
      CAMERA,
      { name: "key", description: "what the client calls itself in /state" },
      flag("extra_headers", "tell more in the headers of each part"),
      flag("advance_headers", "send the headers of the next part right behind each picture"),
      flag("dual_final_frames", "taken and told in /state; no reader needs it here"),
      flag("zero_data", "parts without data"),
    ],
    answers: { 200: bytes(PARTS, "parts of image/jpeg"), 404: USTREAMER_404 },
  },
  "GET /snapshot": {
    tag: "drop-in",
    summary: "µStreamer's snapshot",
    query: [CAMERA],
    answers: {
      200: bytes("image/jpeg", "the picture; of a camera that has failed one that says so", {
        "X-Timestamp": "when it was captured, in seconds",
        "X-UStreamer-Online": "whether it is of the camera",
        "X-UStreamer-Width": "pixels",
        "X-UStreamer-Height": "pixels",
      }),
      404: USTREAMER_404,
    },
  },
  "GET /state": {
    tag: "drop-in",
    summary: "µStreamer's state",
    query: [CAMERA],
    answers: { 200: json("UStreamerState", "size, rates and clients"), 404: USTREAMER_404 },
  },
  "GET /api/frame.jpeg": {
    tag: "drop-in",
    summary: "go2rtc's snapshot",
    query: [SOURCE],
    answers: { 200: bytes("image/jpeg", "the picture"), 404: PLAIN_404 },
  },
  "GET /api/stream.mjpeg": {
    tag: "drop-in",
    summary: "go2rtc's MJPEG",
    query: [SOURCE],
    answers: { 200: bytes(PARTS, "parts of image/jpeg"), 404: PLAIN_404 },
  },
  "GET /api/streams": {
    tag: "drop-in",
    summary: "go2rtc's list of streams, or one of them",
    query: [SOURCE],
    answers: { 200: json("Go2rtcStreams", "what produces and what consumes them"), 404: PLAIN_404 },
  },
};

/** The page, where the addresses of other streamers are switched off. */
export const PAGE_OPERATION: Operation = {
  tag: "page",
  summary: "The page",
  answers: { 200: text("text/html", "the page") },
};
