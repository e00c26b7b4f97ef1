import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Link, type OpenLink, queueBytes } from "./link.ts";

/** First address of a block that is kept for measurements (RFC 2544), and how many labs at a time find room in it. */
const BLOCK = [198, 18] as const;
const LABS = 2 ** 13;

/** What `tbf` may send at once: a packet, or what it is late by when it looks at its clock. */
const LEAST_BURST_BYTES = 3_200;
const CLOCK_HZ = 250;

/** Why this link cannot do what is asked; `undefined` if it can. */
export function netnsRefusal(link: Link): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs Linux and root";
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
  const name = `hello-lab-${process.pid}`;
  const [near, far, nearAround, farAround] = ["a", "b", "c", "d"].map((end) => `hl${process.pid}${end}`) as [
    string,
    string,
    string,
    string,
  ];
  const inside = ["ip", "netns", "exec", name];
  const addresses = addressesOf(process.pid);
  const timers: NodeJS.Timeout[] = [];
  const close = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer);
    for (const device of [near, nearAround]) quietly("ip", "link", "del", device);
    quietly("ip", "netns", "del", name);
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
    downBytes: () => Number(readFileSync(`/sys/class/net/${near}/statistics/rx_bytes`, "utf8")),
    reach: async (port) => ({ host: addresses.far, port }),
    start: () => {
      for (const { fromMs, bitsPerSecond } of link.changes ?? []) {
        const [file = "", ...args] = shape("change", bitsPerSecond);
        timers.push(setTimeout(() => execFile(file, args), fromMs));
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Two pairs of addresses, of the link and of the way around it, that no other lab on this machine has. */
function addressesOf(pid: number): Record<"near" | "far" | "nearAround" | "farAround", string> {
  const first = (pid % LABS) * 8;
  const address = (n: number): string => [...BLOCK, (first + n) >> 8, (first + n) & 255].join(".");
  return { near: address(1), far: address(2), nearAround: address(5), farAround: address(6) };
}

function run(...words: readonly string[]): void {
  const [file = "", ...args] = words;
  execFileSync(file, args, { stdio: ["ignore", "ignore", "pipe"] });
}

function quietly(file: string, ...args: readonly string[]): void {
  try {
    execFileSync(file, args, { stdio: "ignore" });
  } catch {
    // It was not made, or went with the other end.
  }
}
