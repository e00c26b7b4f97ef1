/**
 * Proves the recorder on real V4L2 devices, in an emulated machine whose kernel has them: a USB webcam that gives
 * JPEG, the same without Huffman tables, and a camera that gives raw pictures. What is checked stands in `guest.mjs` and
 * `heal.mjs`, which run there; of `page-…` a browser here watches the page of the server there. Needs a command that starts such a machine (WITH_CAMERA), and `dist`.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { watchPage } from "./page-watch.ts";

const WITH_CAMERA = process.env["WITH_CAMERA"] ?? "";
if (WITH_CAMERA === "") {
  throw new Error(
    "WITH_CAMERA is not set: expected a command that runs another one where there is a V4L2 camera",
  );
}
const CACHE =
  process.env["CAMERA_CACHE"] ??
  `${process.env["XDG_CACHE_HOME"] ?? `${process.env["HOME"]}/.cache`}/with-camera`;
const guest = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Checks by name, each with what runs in the guest and the camera that it needs. */
const CHECKS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  uvc: ["guest.mjs", "--camera", "uvc"],
  bare: ["guest.mjs", "--camera", "uvc", "--uvc", `--strip-dht --mjpeg 1280x720=${CACHE}/1280x720.mjpeg`],
  vivid: ["guest.mjs", "--camera", "vivid"],
  "uvc-ffmpeg": ["guest.mjs", "--camera", "uvc"],
  "bare-ffmpeg": [
    "guest.mjs",
    "--camera",
    "uvc",
    "--uvc",
    `--strip-dht --mjpeg 1280x720=${CACHE}/1280x720.mjpeg`,
  ],
  "vivid-ffmpeg": ["guest.mjs", "--camera", "vivid"],
  "heal-uvc": ["heal.mjs", "--camera", "uvc"],
  "heal-vivid": ["heal.mjs", "--camera", "vivid"],
  "page-uvc": ["heal.mjs", "--camera", "uvc", "--port", "9124:9123", "--timeout", "580"],
  "page-vivid": ["heal.mjs", "--camera", "vivid", "--port", "9124:9123", "--timeout", "580"],
};

/** Where the page of a server in the guest is reached from here. */
const PAGE = "http://127.0.0.1:9124";

async function run(check: string, [file, ...options]: readonly [string, ...string[]]): Promise<number> {
  const args = [...options, "--", process.execPath, guest(file), check];
  const token = check.startsWith("page-") ? randomUUID() : undefined;
  const env = { ...process.env, CAMERA_CACHE: CACHE, ...(token && { PAGE_TOKEN: token }) };
  const child = spawn(WITH_CAMERA, args, { stdio: "inherit", env });
  const ended = new AbortController();
  const page = token === undefined ? undefined : watchPage(`${PAGE}/?token=${token}`, ended.signal);
  const status = await new Promise<number>((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error(`cannot start WITH_CAMERA (${WITH_CAMERA})`, { cause: error })),
    );
    child.once("exit", (code) => resolve(code ?? 1));
  });
  ended.abort();
  const complaint = await page;
  if (complaint !== undefined) console.log(`FAIL page: ${complaint}`);
  return complaint === undefined ? status : 1;
}

const wanted = process.argv.slice(2);
let failed = 0;
for (const [check, options] of Object.entries(CHECKS)) {
  if (wanted.length > 0 && !wanted.includes(check)) continue;
  console.log(`# ${check}`);
  if ((await run(check, options)) !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
