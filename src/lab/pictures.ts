import { HelloViewer } from "./hello-viewer.ts";
import { freePort, Process } from "./process.ts";
import { stampable } from "./stamp.ts";

/** What the camera of the lab shows: the moving test picture, with a number that a program can read. */
const SOURCE = "test:1280x720@30";
const HOST = "127.0.0.1";
const LOOK_EVERY_MS = 50;
const TIMEOUT_MS = 60_000;

/**
 * Take `count` pictures of the test picture, one after the other, from a server of our own, each filled up to `bytes`.
 * `command`: the words that start it.
 */
export async function takePictures(
  command: readonly string[],
  { count, bytes }: { readonly count: number; readonly bytes: number },
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const port = await freePort();
  const address = ["--host", HOST, "--port", String(port)];
  await using server = new Process([...command, "up", "--camera", `pictures=${SOURCE}`, ...address]);
  await server.listening(HOST, port, signal);
  let jpegs: Uint8Array[] = [];
  let first = 0;
  const watched = { camera: "pictures", track: "jpeg" };
  await new Promise<void>((resolve, reject) => {
    const opening = HelloViewer.open({ host: HOST, port }, watched, ({ sequence }, payload) => {
      if (jpegs.length >= count) return;
      // A skipped one would be a jump whenever the camera comes round to it.
      if (sequence !== first + jpegs.length) jpegs = [];
      if (jpegs.length === 0) first = sequence;
      jpegs.push(stampable(payload, bytes));
    });
    const startedMs = performance.now();
    const look = setInterval(() => {
      const late = performance.now() - startedMs > TIMEOUT_MS;
      if (jpegs.length < count && !late && !signal.aborted) return;
      clearInterval(look);
      opening.then((viewer) => viewer[Symbol.asyncDispose]()).then(resolve, reject);
    }, LOOK_EVERY_MS);
  });
  signal.throwIfAborted();
  if (jpegs.length < count) throw new Error(`the test picture gave ${jpegs.length} of ${count} pictures`);
  return jpegs;
}
