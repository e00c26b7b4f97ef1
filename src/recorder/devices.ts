import { type EngineChoice, loadEngine } from "./engine/load-engine.ts";
import type { Mode } from "./mode.ts";
import { stableSource } from "./plugged.ts";
import { type UsbIdentity, type VideoNode, videoNodes } from "./video-node.ts";

/** A capture device that can be opened. */
export interface CaptureDevice {
  /**
   * What to write as the source of a camera, and it means the same camera under another number: `usb:046d:0825:A1B2@…`,
   * `camera:FaceTime HD`; `/dev/video0` for one that tells nothing of itself.
   */
  readonly source: string;
  /** What FFmpeg opens: `/dev/video0` until it is plugged in again. */
  readonly path: string;
  /** On USB, where the system tells. */
  readonly usb?: UsbIdentity | undefined;
  /** For people. */
  readonly name: string;
  /** The ways in which it gives its picture; none if it could not be asked. */
  readonly modes: readonly Mode[];
}

/** The capture devices of this machine, in the order of the platform: the first is the default. @throws SourceError if there is no engine here */
export async function listDevices(choice?: EngineChoice): Promise<CaptureDevice[]> {
  const nodes = videoNodes();
  const engine = await loadEngine(choice).catch((error: unknown) => {
    // What is plugged in can be told without it, and whoever opens it is told what is missing.
    if (process.platform !== "linux") throw error;
    return undefined;
  });
  if (engine === undefined) {
    return nodes.map((node) => ({
      ...identify(node.path, nodes),
      name: node.name,
      path: node.path,
      modes: [],
    }));
  }
  const found: CaptureDevice[] = [];
  for (const { path, name } of await engine.devices()) {
    found.push({ name, ...identify(path, nodes), path, modes: await engine.modes(path) });
  }
  return found;
}

function identify(
  path: string,
  nodes: readonly VideoNode[],
): Partial<CaptureDevice> & { readonly source: string } {
  const node = nodes.find((candidate) => candidate.path === path);
  if (node !== undefined) return { source: stableSource(node, nodes), name: node.name, usb: node.usb };
  return { source: path.startsWith("/dev/") ? path : `camera:${path}` };
}
