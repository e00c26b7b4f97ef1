import { DURATION_EXPECTED } from "../duration.ts";
import { ACCESS_OPERATIONS } from "./access-operations.ts";
import { DROP_IN_OPERATIONS } from "./drop-in-operations.ts";
import { bytes, json, type Operation, problem, type Query, text } from "./operation.ts";

const NO_CAMERA = problem("there is no camera with this id");

const TRACK: Query = { name: "track", description: "another track of the camera, by its name" };
const STRICT: Query = {
  name: "strict",
  description: "of a camera that has failed answer with an error, not with a picture that says so",
};
const CONTROLS = json("Controls", "all controls of the camera");
const NO_CONTROLS = problem("the camera has none, or cannot do that now; the sentence says why");

const video = (name: string, type: string): Operation => ({
  tag: "cameras",
  summary: `H.264 in ${name}, from the newest keyframe on`,
  query: [TRACK],
  answers: {
    200: bytes(
      type,
      "the stream, which goes on until the reader leaves, or reads nothing for a minute, or the picture's coding changes",
    ),
    404: problem("there is no such camera, or no such track in H.264"),
    503: problem("the camera has failed, or there are too many readers; the sentence says why"),
  },
});

/** What every route is for, by method and address. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /cameras": {
    tag: "cameras",
    summary: "All cameras",
    answers: { 200: json("Cameras", "the list, in the order in which the user named them") },
  },
  "GET /cameras/:id": {
    tag: "cameras",
    summary: "How a camera does: state, sizes, rates, age",
    answers: { 200: json("CameraFacts", "the camera"), 404: NO_CAMERA },
  },
  "GET /cameras/:id/snapshot.jpg": {
    tag: "cameras",
    summary: "One picture, the newest",
    query: [
      {
        name: "after",
        description: "wait for another picture than that of this sequence",
        pattern: String.raw`^\d{1,10}$`,
      },
      TRACK,
      STRICT,
    ],
    answers: {
      200: bytes("image/jpeg", "the picture; of a camera that has failed one that says so, with X-State", {
        "X-Sequence": "its sequence, for after",
        "X-Captured-At": "when it was captured, ISO 8601",
        "X-Age-Ms": "how old it was when it was sent",
        "X-State": "instead of the others: the state of a camera that has failed",
      }),
      400: problem("after is no sequence"),
      404: problem("there is no such camera, or no such track in JPEG"),
      503: problem("there is no picture; the sentence says why"),
    },
  },
  "GET /cameras/:id/stream.mjpg": {
    tag: "cameras",
    summary: "MJPEG: the newest picture again and again, as fast as the reader takes it",
    query: [TRACK, STRICT],
    answers: {
      200: bytes(
        "multipart/x-mixed-replace",
        "parts of image/jpeg with X-Timestamp and X-Sequence, until the reader leaves, or reads nothing for a minute",
      ),
      404: problem("there is no such camera, or no such track in JPEG"),
      503: problem(
        "the camera has failed, and strict was asked for, or there are too many readers; the sentence says why",
      ),
    },
  },
  "GET /cameras/:id/stream.mp4": video("fragmented MP4", "video/mp4"),
  "GET /cameras/:id/stream.ts": video("an MPEG transport stream", "video/mp2t"),
  "GET /cameras/:id/controls": {
    tag: "cameras",
    summary: "What can be adjusted: brightness, exposure, focus and so on",
    answers: { 200: CONTROLS, 404: NO_CAMERA, 409: NO_CONTROLS },
  },
  "PUT /cameras/:id/controls": {
    tag: "cameras",
    summary: "Set the controls that the body names",
    body: "ControlValues",
    answers: {
      200: CONTROLS,
      400: problem("the body is not right; the sentence says what was expected"),
      404: NO_CAMERA,
      409: NO_CONTROLS,
    },
  },
  "GET /healthz": {
    tag: "operations",
    summary: "Whether the server is well, or one camera",
    query: [
      { name: "camera", description: "whether this camera is well" },
      {
        name: "maxAge",
        description: `with camera: whether it gives pictures no older than that; ${DURATION_EXPECTED}. It is opened for that`,
      },
    ],
    answers: {
      200: json("Health", "it is well"),
      400: problem("maxAge is not right"),
      404: NO_CAMERA,
      503: json("Failure", "the camera has failed, or its pictures are too old"),
    },
  },
  "GET /readyz": {
    tag: "operations",
    summary: "Whether the server can serve",
    answers: { 200: json("Ready", "it can"), 503: json("Unready", "it cannot, and why") },
  },
  "GET /metrics": {
    tag: "operations",
    summary: "Metrics for Prometheus, of all processes of the server",
    answers: { 200: text("text/plain", "the text format 0.0.4") },
  },
  "GET /openapi.json": {
    tag: "operations",
    summary: "This document",
    answers: { 200: { description: "OpenAPI 3.1", content: { "application/json": "text" } } },
  },
  "GET /arrival": {
    tag: "operations",
    summary: "How a request arrives here: what proxies have made of it",
    answers: { 200: json("Arrival", "the request as this server sees it") },
  },
  "GET /ws": {
    tag: "operations",
    summary: "The WebSocket, for a request that asks for one; its protocol is in docs/protocol.md",
    answers: { 426: problem("the headers that ask for a WebSocket have not come through") },
  },
  "GET /trust": {
    tag: "operations",
    summary: "How a device comes to trust the server's own certificates",
    answers: { 200: text("text/html", "a page for people") },
  },
  "GET /trust/hello-websocket.crt": {
    tag: "operations",
    summary: "The authority behind the server's certificate, as phones take it",
    answers: { 200: bytes("application/x-x509-ca-cert", "the certificate, DER") },
  },
  "GET /trust/hello-websocket.pem": {
    tag: "operations",
    summary: "The authority behind the server's certificate, as programs take it",
    answers: { 200: bytes("application/x-pem-file", "the certificate, PEM") },
  },
  ...ACCESS_OPERATIONS,
  ...DROP_IN_OPERATIONS,
};
