/**
 * A camera on the local socket, or on NATS, that encodes nothing: frames of one size, a keyframe every two seconds.
 * publisher.ts MAPPER BYTES RATE SECONDS [jpeg]: with `jpeg` every frame is a keyframe of that track.
 */

import { parseAddress } from "../src/bus/index.ts";
import { openLog } from "../src/cli/log.ts";
import { linkToMapper } from "../src/cli/mapper-link.ts";
import { now } from "../src/protocol/index.ts";

const KEYFRAME_SECONDS = 2;

const [mapper = "", bytes = 0, rate = 0, seconds = 0] = [
  process.argv[2],
  ...process.argv.slice(3).map(Number),
];
const isPictures = process.argv[6] === "jpeg";
const codec = isPictures ? "jpeg" : "avc1.42e01f";
const track = { name: isPictures ? "jpeg" : "h264", codec, width: 1280, height: 720, rate };
const bus = await linkToMapper(
  parseAddress(mapper),
  await openLog({ level: "error", format: "json", process: "publisher" }),
  { subscribes: false },
);
const publication = bus.publish(
  { id: "bench", name: "Bench", source: "bench", state: "live", since: now(), tracks: [track] },
  { demand: () => console.log("demanded"), keyframe: () => {}, refused: (reason) => console.error(reason) },
);
const startedAtMs = performance.now();
for (let sequence = 0; sequence < seconds * rate; sequence++) {
  const dueMs = startedAtMs + (sequence * 1000) / rate;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  const keyframe = isPictures || sequence % (rate * KEYFRAME_SECONDS) === 0;
  const facts = { sequence, capturedAt: now(), keyframe, discardable: false, layer: 0 };
  publication.publish(track.name, { ...facts, payload: new Uint8Array(bytes).fill(0x5a) });
}
