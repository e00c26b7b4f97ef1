/** Time that the server has: it waits 10 s for a picture itself. */
const TIMEOUT_MS = 15_000;

/** One picture as a camera gave it, for keeping. */
export interface Snapshot {
  readonly jpeg: Blob;
  /** Of a file: camera and time. */
  readonly name: string;
}

/**
 * Take the newest picture of `camera` from `url`.
 * @throws an error whose message is a sentence for who asked
 */
export async function takeSnapshot(url: string, camera: string): Promise<Snapshot> {
  let response: Response;
  try {
    response = await fetch(`${url}?strict`, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Error("The server does not answer");
  }
  if (!response.ok) throw new Error(await reasonOf(response));
  const taken = new Date(response.headers.get("X-Captured-At") ?? "");
  try {
    return { jpeg: await response.blob(), name: snapshotName(camera, taken) };
  } catch {
    throw new Error("The connection was lost on the way");
  }
}

/** Name of the file: the camera, and the time where the viewer is, so that names stand in order. */
export function snapshotName(camera: string, taken: Date): string {
  const at = Number.isNaN(taken.getTime()) ? new Date() : taken;
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  const time = [two(at.getHours()), two(at.getMinutes()), two(at.getSeconds())].join("-");
  return `${camera}-${day}-${time}.jpg`;
}

/** Hand it to the viewer as a download. */
export function saveSnapshot({ jpeg, name }: Snapshot): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(jpeg);
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

async function reasonOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { error?: unknown } | undefined;
  return typeof body?.error === "string" ? body.error : `The server answered with status ${response.status}`;
}
