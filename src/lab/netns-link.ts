import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Link, type OpenLink, queueBytes } from "./link.ts";
import { onPath } from "./on-path.ts";

/** First address of a block that is kept for measurements (RFC 2544), and how many labs at a time find room in it. */
const BLOCK = [198, 18] as const;
const LABS = 2 ** 13;

/** What `tbf` may send at once: a packet, or what it is late by when it looks at its clock. */
const LEAST_BURST_BYTES = 3_200;
const CLOCK_HZ = 250;

/** What is missing here for links of this kind, as far as that can be seen; `undefined` if nothing is. */
export function netnsMissing(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs Linux and root";
  const missing = ["ip", "tc"].filter((command) => onPath(command) === undefined);
  if (missing.length > 0) return `it needs ${missing.join(" and ")} (iproute2) on the path`;
  return undefined;
}

/** Make one and take it down again: root of a container may be refused it. Why it cannot be; `undefined` if it can. */
export async function tryNetns(): Promise<string | undefined> {
  try {
    await using _ = await openNetnsLink({ bitsPerSecond: CLOCK_HZ * LEAST_BURST_BYTES });
    return undefined;
  } catch (error) {
    return `this machine does not let it: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Why this link is not one that the kernel can play; `undefined` if it is. */
export function netnsRefusal(link: Link): string | undefined {
  if (link.roundTripMs !== undefined || link.jitterMs !== undefined) return "the kernel's tbf delays nothing";
  if (link.stall !== undefined) return "the kernel's tbf does not stall";
  return undefined;
}

/**
 * A link between two network namespaces with the kernel's own token bucket as its bottleneck: packets are queued and
 * dropped, and TCP meets them with its own means, end to end. The programs run in the far namespace, viewers and camera
 * stay in this one; the camera's pictures go around the link.
 */
export async function openNetnsLink(link: Link): Promise<OpenLink> {
  const { namespace: name, near, far, nearAround, farAround } = namesOf(process.pid);
  const inside = ["ip", "netns", "exec", name];
  const addresses = addressesOf(process.pid);
  const timers: NodeJS.Timeout[] = [];
  let failure: string | undefined;
  const close = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer);
    removeDevices(process.pid);
  };
  const shape = (verb: "add" | "change", bitsPerSecond: number): string[] => {
    const burst = Math.max(LEAST_BURST_BYTES, Math.ceil(bitsPerSecond / 8 / CLOCK_HZ));
    const bucket = [
      "tbf",
      "rate",
      `${bitsPerSecond}bit`,
      "burst",
      `${burst}`,
      "limit",
      `${queueBytes(link)}`,
    ];
    return [...inside, "tc", "qdisc", verb, "dev", far, "root", ...bucket];
  };
  try {
    run("ip", "netns", "add", name);
    run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
    run("ip", "link", "add", nearAround, "type", "veth", "peer", "name", farAround, "netns", name);
    for (const [device, address] of [
      [near, addresses.near],
      [nearAround, addresses.nearAround],
    ] as const) {
      run("ip", "address", "add", `${address}/30`, "dev", device);
      run("ip", "link", "set", device, "up");
    }
    for (const [device, address] of [
      [far, addresses.far],
      [farAround, addresses.farAround],
    ] as const) {
      run("ip", "-n", name, "address", "add", `${address}/30`, "dev", device);
      run("ip", "-n", name, "link", "set", device, "up");
    }
    run("ip", "-n", name, "link", "set", "lo", "up");
    if (link.bitsPerSecond !== undefined) run(...shape("add", link.bitsPerSecond));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    prefix: inside,
    listenHost: "0.0.0.0",
    cameraHost: addresses.nearAround,
    viewerHost: addresses.near,
    get failure() {
      return failure;
    },
    downBytes: () => Number(readFileSync(`/sys/class/net/${near}/statistics/rx_bytes`, "utf8")),
    reach: async (port) => ({ host: addresses.far, port }),
    start: () => {
      for (const { fromMs, bitsPerSecond } of link.changes ?? []) {
        const [file = "", ...args] = shape("change", bitsPerSecond);
        const change = (): unknown =>
          execFile(file, args, (error) => {
            if (error !== null) failure ??= `it could not be set to ${bitsPerSecond} bit/s: ${error.message}`;
          });
        timers.push(setTimeout(change, fromMs));
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

/** What the lab of that process calls its namespace, and the ends of the link and of the way around it. */
export function namesOf(
  pid: number,
): Record<"namespace" | "near" | "far" | "nearAround" | "farAround", string> {
  const end = (letter: string): string => `hl${pid}${letter}`;
  return {
    namespace: `hello-lab-${pid}`,
    near: end("a"),
    far: end("b"),
    nearAround: end("c"),
    farAround: end("d"),
  };
}

/** Remove the namespace of that lab and its ends of the links; the other ends go with them. */
export function removeDevices(pid: number): void {
  const { namespace, near, nearAround } = namesOf(pid);
  for (const device of [near, nearAround]) quietly("ip", "link", "del", device);
  quietly("ip", "netns", "del", namespace);
}

/** Two pairs of addresses, of the link and of the way around it, that no other lab on this machine has. */
function addressesOf(pid: number): Record<"near" | "far" | "nearAround" | "farAround", string> {
  const first = (pid % LABS) * 8;
  const address = (n: number): string => [...BLOCK, (first + n) >> 8, (first + n) & 255].join(".");
  return { near: address(1), far: address(2), nearAround: address(5), farAround: address(6) };
}

function run(...words: readonly string[]): void {
  const [file = "", ...args] = words;
  try {
    execFileSync(file, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  } catch (cause) {
    const { stderr, message } = cause as Error & { readonly stderr?: string };
    throw new Error(`${words.join(" ")}: ${(stderr || message).trim()}`, { cause });
  }
}

function quietly(file: string, ...args: readonly string[]): void {
  try {
    execFileSync(file, args, { stdio: "ignore" });
  } catch {
    // It was not made, or went with the other end.
  }
}
