// Runs in the emulated machine: `node heal.mjs heal-uvc|heal-vivid|page-uvc|page-vivid`. Everything as a user has it: `up` with no
// camera named, a reader of `stream.mjpg`, and the user's hand. Prints what the API said at each step, and when. With `page-…` a
// browser of the machine around it watches too (`page-watch.ts`).
import { execFile, spawn } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const [watchedBy, kind] = process.argv[2].split("-");
const usb = kind === "uvc";
const TOKEN = process.env.PAGE_TOKEN ?? "";
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const BASE = "http://127.0.0.1:9123";
const TIMEOUT_MS = 120_000;
const POLL_MS = 50;
const PAGE_MS = 20_000;

const startMs = Date.now();
let failures = 0;
const say = (line) => console.log(`${((Date.now() - startMs) / 1000).toFixed(2).padStart(7)} ${line}`);
const ask = (path, options = {}) =>
  fetch(`${BASE}${path}`, {
    ...options,
    headers: { ...options.headers, ...(TOKEN === "" ? {} : { authorization: `Bearer ${TOKEN}` }) },
  });
// Who has a camera open, as `fuser` finds it.
const holders = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
        return open.some((path) => /^\/dev\/video\d/.test(path));
      } catch {
        return false;
      }
    });
const nodes = () =>
  readdirSync("/dev")
    .filter((name) => /^video\d/.test(name))
    .join(" ") || "no node";
const lists = async () => {
  try {
    return await (await ask("/cameras")).json();
  } catch {
    return [];
  }
};
const hand = async (...args) => {
  say(`--- camera ${args.join(" ")}`);
  // It may end with status 1 when all went well; what goes wrong it says.
  await run("camera", args).catch((error) => {
    if (error.stderr !== "") throw error;
  });
};

let look = () => {};
let last = "";
async function poll() {
  for (;;) {
    const cameras = await lists();
    const facts = cameras.map(({ id, state, reason, lastFrameAt }) => ({ id, state, reason, lastFrameAt }));
    if (JSON.stringify(facts) !== last) say(JSON.stringify(facts));
    last = JSON.stringify(facts);
    look(cameras);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function comes(what, right, timeoutMs = TIMEOUT_MS) {
  const from = Date.now();
  return new Promise((resolve) => {
    const done = (well) => {
      clearTimeout(limit);
      look = () => {};
      if (!well) failures++;
      say(`${well ? "ok  " : "FAIL"} ${what} after ${Date.now() - from} ms, ${nodes()}`);
      resolve();
    };
    const limit = setTimeout(() => done(false), timeoutMs);
    look = (cameras) => {
      if (right(cameras)) done(true);
    };
  });
}

// An emulated processor encodes few pixels per second; a page wants more of them than a reader of `stream.mjpg`, whose JPEGs
// the camera makes.
const forPage = ["--host", "0.0.0.0", "--size", "640x480", "--rate", "5"];
const args = [MAIN, "--port", "9123", ...(watchedBy === "page" ? forPage : [])];
const up = spawn(process.execPath, args, {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, ...(TOKEN === "" ? {} : { HELLO_TOKEN: TOKEN }) },
});
void poll();
await comes("a camera is found", (cameras) => cameras.some(({ id }) => id !== "test"));
const { id, source } = (await lists()).find((camera) => camera.id !== "test");
say(`${id} is ${source}`);
const state = (wanted) => (cameras) => cameras.find((camera) => camera.id === id)?.state === wanted;
await comes("live", state("live"));
if (watchedBy !== "page") {
  await comes("closed, nobody watches", state("closed"));
  const idle = holders();
  if (idle.length > 0) failures++;
  say(
    `${idle.length === 0 ? "ok  " : "FAIL"} nobody has the device open (${idle.join(" ") || "no process"})`,
  );
  const from = Date.now();
  const first = await ask(`/cameras/${id}/snapshot.jpg`);
  const bytes = (await first.arrayBuffer()).byteLength;
  say(
    `first viewer to first picture: ${Date.now() - from} ms (${first.status}, ${bytes} bytes), open in ${holders().length}`,
  );
  if (first.status !== 200) failures++;
}

await hand("unplug");
await comes(watchedBy === "page" ? "gone, the page watches" : "gone", state("gone"));
await hand("plug");
await comes("live", state("live"));

const seen = { frames: 0, stalled: 0, gone: 0 };
const stream = await ask(`/cameras/${id}/stream.mjpg`);
async function read() {
  for await (const chunk of stream.body) {
    const text = Buffer.from(chunk).toString("latin1");
    seen.frames += text.split("X-Sequence").length - 1;
    for (const failed of ["stalled", "gone"]) seen[failed] += text.split(`X-State: ${failed}`).length - 1;
  }
}
void read().catch(() => {});
const more = (count) => {
  const goal = seen.frames + count;
  return () => seen.frames >= goal;
};
const controls = async (body) => {
  const options = {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await ask(`/cameras/${id}/controls`, body === undefined ? {} : options);
  const said = await answer.json();
  const brightness = Array.isArray(said) ? said.find(({ name }) => name === "brightness") : said;
  say(`controls: ${answer.status} ${JSON.stringify(brightness)}`);
  return brightness;
};
const expectBrightness = async (what, value) => {
  const well = (await controls())?.value === value;
  if (!well) failures++;
  say(`${well ? "ok  " : "FAIL"} ${what}`);
};
await comes("frames", more(20));
if (!usb) {
  await controls({ brightness: 1000 });
  await controls({ brightness: 99 });
  await expectBrightness("brightness is set", 99);
}

await hand("unplug");
await comes("gone, somebody watches", state("gone"));
const strict = await ask(`/cameras/${id}/snapshot.jpg?strict`);
say(`snapshot?strict: ${strict.status} ${await strict.text()}`);
const lenient = await ask(`/cameras/${id}/snapshot.jpg`);
say(`snapshot: ${lenient.status}, X-State ${lenient.headers.get("x-state")}`);
if (usb) {
  // Another device takes the number, so that the camera comes back under the next one.
  await run("modprobe", ["vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0"]);
  say(`--- another camera is plugged in: ${nodes()}`);
  await comes("the other one comes by itself", (cameras) => cameras.length >= 2);
}
await hand("plug");
await comes("live", state("live"));
await comes("frames", more(20));
if (!usb) await expectBrightness("brightness is restored after the replug", 99);

if (usb) {
  await hand("corrupt", "5");
  await comes("frames behind 5 damaged ones", more(20));
  await hand("empty", "3");
  await comes("frames behind 3 empty ones", more(20));
}
await hand("stall");
await comes("stalled", state("stalled"));
await comes("its recorder is started again", state("opening"));
await comes("and it is stalled again", state("stalled"));
await hand("resume");
await comes("live", state("live"));
await comes("frames", more(20));
if (watchedBy === "page") {
  // A page takes another track than `stream.mjpg`, which comes later here: who watches it is to see the end as well.
  await new Promise((resolve) => setTimeout(resolve, PAGE_MS));
}
say(`the one stream.mjpg of all this: ${JSON.stringify(seen)}`);
up.kill("SIGTERM");
await new Promise((resolve) => up.once("exit", resolve));
console.log(failures === 0 ? "all well" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
