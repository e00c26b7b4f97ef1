import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../../../test/support/eventually.ts";
import { FRONT, picture, TestServer } from "../../../test/support/test-server.ts";
import { pictureTrack } from "./picture-track.ts";

const TRACKS = [
  ...FRONT.tracks,
  { name: "h264", codec: "avc1.42C01F" },
  { name: "jpeg-270p", codec: "jpeg", width: 480, height: 270 },
];

test.each([
  ["the whole where none is named", undefined, "jpeg"],
  ["one in JPEG", "jpeg-270p", "jpeg-270p"],
  ["none in H.264", "h264", undefined],
  ["none that is not there", "jpeg-135p", undefined],
])("a camera gives %s", (_, name, found) => {
  expect(pictureTrack({ ...FRONT, tracks: TRACKS }, name)).toBe(found);
});

test("a camera that was never open may have any track", () => {
  expect(pictureTrack({ ...FRONT, tracks: [] }, "jpeg-270p")).toBe("jpeg-270p");
  expect(pictureTrack({ ...FRONT, tracks: [] })).toBe("jpeg");
});

describe("a smaller picture", () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start();
    server.update({ tracks: TRACKS });
  });
  afterEach(() => server.stop());

  test("is a snapshot", async () => {
    const waiting = fetch(server.url("/cameras/front/snapshot.jpg?track=jpeg-270p"));
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg-270p"]));
    const sequence = server.publish(64, "jpeg-270p");
    expect(new Uint8Array(await (await waiting).arrayBuffer())).toEqual(picture(sequence));
  });

  test("is a stream", async () => {
    const [response] = (await once(
      get(server.url("/cameras/front/stream.mjpg?track=jpeg-270p")),
      "response",
    )) as [IncomingMessage];
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg-270p"]));
    const sequence = server.publish(64, "jpeg-270p");
    await eventually(() => expect(Buffer.concat(chunks).includes(Buffer.from(picture(sequence)))).toBe(true));
    response.destroy();
  });

  test("is the answer of the simple protocol", async () => {
    const socket = new WebSocket(`ws://${server.authority}/ws?camera=front&track=jpeg-270p`);
    await once(socket, "open");
    socket.send("1");
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg-270p"]));
    const answer = once(socket, "message");
    const sequence = server.publish(64, "jpeg-270p");
    expect(new Uint8Array((await answer)[0] as Buffer)).toEqual(picture(sequence));
    socket.close();
  });

  test.each(["snapshot.jpg?track=h264", "snapshot.jpg?track=jpeg-1p", "stream.mjpg?track=jpeg-135p"])(
    "that there is not is refused: %s",
    async (path) => {
      const response = await fetch(server.url(`/cameras/front/${path}`));
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: "the camera has no such track in JPEG; GET /cameras lists them",
      });
    },
  );

  test.each(["h264", "jpegs", "jpeg-", "jpeg-A"])("is never %s in the simple protocol", async (track) => {
    const socket = new WebSocket(`ws://${server.authority}/ws?camera=front&track=${track}`);
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(400);
    socket.on("error", () => {});
    socket.terminate();
  });
});
