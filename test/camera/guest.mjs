// Runs in the emulated machine: `node guest.mjs uvc|bare|vivid`, with an engine behind it `uvc-ffmpeg`. Plain JavaScript on `dist`, because everything is ten
// times slower there. `camera plug|unplug|stall|resume|corrupt N|empty N` plays the user's hand.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { MemoryBus } from "../../dist/bus/index.js";
import { createSource, listDevices, Recorder } from "../../dist/recorder/index.js";

const DEVICE = "/dev/video0";
const [CHECK, ENGINE = "node-av"] = process.argv[2].split(/-(.*)/);
const engine = { name: ENGINE };
const TIMEOUT_MS = 30_000;
const SOI_BYTES = 2;
const EOI = Buffer.from([0xff, 0xd9]);
const DHT_BYTES = 420;

const hand = async (...args) => {
  console.log(`  camera ${args.join(" ")}`);
  // It may end with status 1 when all went well; what goes wrong it says.
  await promisify(execFile)("camera", args).catch((error) => {
    if (error.stderr !== "") throw error;
  });
};
const hash = (bytes) => createHash("sha1").update(bytes).digest("hex");
let failures = 0;

function check(what, right, detail = "") {
  console.log(`${right ? "ok  " : "FAIL"} ${what}${detail === "" ? "" : `: ${detail}`}`);
  if (!right) failures++;
}

/** The pictures that the emulated webcam sends, as files of one JPEG behind the other. */
function samples() {
  const all = readFileSync(`${process.env.CAMERA_CACHE}/1280x720.mjpeg`);
  const pictures = [];
  for (let at = 0, end = all.indexOf(EOI); end >= 0; at = end + 2, end = all.indexOf(EOI, at)) {
    pictures.push(all.subarray(at, end + 2));
  }
  return pictures;
}

/** `jpeg` without its segments of this kind (0xfe comment, 0xc4 Huffman tables). */
function without(kind, jpeg) {
  const kept = [jpeg.subarray(0, SOI_BYTES)];
  let at = SOI_BYTES;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] !== kind) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}

/** The emulator stamps each picture with a comment `TS=<ms>` behind the start; the picture as it was, and the stamp. */
function unstamp(payload) {
  const jpeg = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (jpeg.toString("latin1", 6, 9) !== "TS=") return { jpeg, stampMs: undefined };
  const end = 4 + jpeg.readUInt16BE(4);
  const stampMs = Number(jpeg.toString("latin1", 9, end));
  return { jpeg: Buffer.concat([jpeg.subarray(0, SOI_BYTES), jpeg.subarray(end)]), stampMs };
}

/** The first `count` frames of the device, and what it said of itself. */
async function shoot(count, options = {}) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const capture = await createSource(DEVICE, { ...options, engine }).open(signal);
  capture.want(new Set(["jpeg"]));
  const frames = [];
  try {
    for await (const frame of capture.frames(signal)) {
      frames.push({ ...frame, gotMs: Date.now() });
      if (frames.length === count) break;
    }
  } finally {
    await capture[Symbol.asyncDispose]();
  }
  const seconds = (frames.at(-1).capturedAt - frames[0].capturedAt) / 1e6;
  return { frames, tracks: capture.tracks, counters: capture.counters, rate: (count - 1) / seconds };
}

function percentile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)];
}

async function passthrough() {
  const known = new Map(samples().map((jpeg, index) => [hash(jpeg), index]));
  const { frames, tracks, rate, counters } = await shoot(150);
  check("size and rate", tracks[0].width === 1280 && tracks[0].height === 720, JSON.stringify(tracks));
  const shots = frames.map(({ payload }) => unstamp(payload));
  const found = shots.map(({ jpeg }) => known.get(hash(jpeg)));
  const same = found.filter((index) => index !== undefined).length;
  check(
    "byte for byte",
    same === frames.length,
    `${same} of ${frames.length} equal one of ${known.size} samples`,
  );
  check(
    "in order",
    found.every(
      (index, at) => at === 0 || (index - found[at - 1] + known.size) % known.size < known.size / 2,
    ),
  );
  check("at its rate", rate > 20, `${rate.toFixed(1)}/s, ${JSON.stringify(counters)}`);
  const ages = frames.map(({ capturedAt, gotMs }) => gotMs - capturedAt / 1000);
  const sinceSent = frames.map(({ capturedAt }, at) => capturedAt / 1000 - shots[at].stampMs);
  check(
    "age",
    percentile(ages, 0.5) < 100,
    `capture to here p50 ${percentile(ages, 0.5).toFixed(1)} ms, p99 ${percentile(ages, 0.99).toFixed(1)} ms`,
  );
  check(
    "capture time",
    Math.abs(percentile(sinceSent, 0.5)) < 100,
    `${percentile(sinceSent, 0.5).toFixed(1)} ms after the camera sent it`,
  );
}

async function completed() {
  const bare = new Set(samples().map((jpeg) => hash(without(0xc4, jpeg))));
  const { frames } = await shoot(60);
  const jpegs = frames.map(({ payload }) => Buffer.from(payload));
  check(
    "all have tables",
    jpegs.every((jpeg) => jpeg.indexOf(Buffer.from([0xff, 0xc4, 0x01, 0xa2])) > 0),
  );
  const same = jpegs.filter((jpeg) => bare.has(hash(without(0xc4, jpeg)))).length;
  check(
    "nothing else is changed",
    same === jpegs.length,
    `${same} of ${jpegs.length}, ${DHT_BYTES} bytes longer`,
  );
}

async function encoded(options, size) {
  const { frames, tracks, rate, counters } = await shoot(40, options);
  const payloads = frames.map(({ payload }) => Buffer.from(payload));
  const whole = payloads.every(
    (jpeg) => jpeg[0] === 0xff && jpeg[1] === 0xd8 && jpeg.subarray(-2).equals(EOI),
  );
  check(
    `encoded ${JSON.stringify(options)}`,
    whole,
    `${JSON.stringify(tracks)}, ${rate.toFixed(1)}/s, ${JSON.stringify(counters)}`,
  );
  const ages = frames.map(({ capturedAt, gotMs }) => gotMs - capturedAt / 1000);
  check("age", percentile(ages, 0.5) < 500, `capture to here p50 ${percentile(ages, 0.5).toFixed(1)} ms`);
  if (size !== undefined) check("size", `${tracks[0].width}x${tracks[0].height}` === size, size);
}

/** A recorder on a bus, and what the bus says of its camera. */
function record(bus) {
  const log = {
    info: (line) => console.log(`  info ${line}`),
    warn: (line) => console.log(`  warn ${line}`),
  };
  const source = createSource(DEVICE, { engine });
  const stopping = new AbortController();
  const recorder = new Recorder({ id: "front", name: "Front", source }, { bus, log });
  return { recorder, stop: () => stopping.abort(), done: recorder.run(stopping.signal) };
}

/** Resolves when `right` is; looked at whenever the camera changes or a frame comes. */
function until(bus, subscription, what, right) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${what} did not come: ${JSON.stringify(bus.camera("front"))}`)),
      TIMEOUT_MS,
    );
    const look = () => {
      if (!right(bus.camera("front"))) return;
      clearTimeout(timer);
      subscription.listeners.delete(look);
      stop();
      resolve();
    };
    subscription.listeners.add(look);
    const stop = bus.follow(() => queueMicrotask(look));
    queueMicrotask(look);
  });
}

async function faults({ corrupts }) {
  const bus = new MemoryBus();
  const subscription = { listeners: new Set() };
  let frames = 0;
  let bad = 0;
  const view = bus.subscribe("front", "jpeg", {
    frame: () => {
      const { payload } = view.after(undefined) ?? {};
      frames++;
      if (payload?.[0] !== 0xff || payload.at(-1) !== 0xd9) bad++;
      for (const look of subscription.listeners) look();
    },
    renumbered: () => {},
  });
  const { recorder, stop, done } = record(bus);
  const comes = async (what, right) => {
    const from = Date.now();
    await until(bus, subscription, what, right);
    const camera = bus.camera("front");
    check(what, true, `${Date.now() - from} ms${camera.reason === undefined ? "" : `, "${camera.reason}"`}`);
  };
  const live = (camera) => camera?.state === "live";
  const stalled = (camera) => camera?.state === "stalled";
  const gone = (reason) => (camera) => camera?.state === "gone" && reason.test(camera.reason);
  const more = (count) => {
    const goal = frames + count;
    return () => frames >= goal;
  };
  await comes("live at the start", live);
  await comes("frames", more(20));

  await hand("stall");
  await comes("stalled", stalled);
  await hand("resume");
  await comes("live after it", live);
  await comes("frames", more(20));

  await hand("unplug");
  await comes("gone when unplugged", gone(/not plugged in|no such file/));
  await hand("plug");
  await comes("live when plugged", live);
  await comes("frames", more(20));

  if (corrupts) {
    const before = recorder.counters.broken;
    await hand("corrupt", "5");
    await comes("5 damaged pictures", () => recorder.counters.broken >= before + 5);
    await hand("empty", "3");
    await comes("frames behind 3 empty ones", more(20));
    check("no broken frame left", bad === 0, JSON.stringify(recorder.counters));
  }
  const from = Date.now();
  stop();
  await done;
  check("closed", Date.now() - from < 1000, `within ${Date.now() - from} ms`);
  const again = await shoot(1);
  check("free for others", again.frames.length === 1);
  await bus[Symbol.asyncDispose]();
}

const CHECKS = {
  async uvc() {
    await passthrough();
    await encoded({ format: "yuyv422" }, "320x240");
    await encoded({ size: { width: 640, height: 480 } }, "640x480");
    await faults({ corrupts: true });
  },
  bare: completed,
  async vivid() {
    await encoded({}, undefined);
    await encoded({ size: { width: 640, height: 480 }, format: "yuyv422" }, "640x480");
    await faults({ corrupts: false });
  },
};

for (const { source, name, modes } of await listDevices(engine)) {
  console.log(`  ${source} "${name}": ${modes.length} modes, the first ${JSON.stringify(modes[0])}`);
}
await CHECKS[CHECK]();
console.log(failures === 0 ? "all well" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
