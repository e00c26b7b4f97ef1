/** What a process and all its descendants use, read from /proc. */

import { basename } from "node:path";
import { list, read } from "./proc-files.ts";

const TICKS_PER_SECOND = 100;

/** A process of more threads goes on while they are read one by one: it is read at once, in ticks. */
const MANY_THREADS = 32;

/** One process of a tree. */
export interface Member {
  readonly pid: number;
  /** What it is: its command line without the path to node and the script. */
  readonly name: string;
  /** Memory that it holds: resident set. */
  readonly residentBytes: number;
}

/** Seconds of CPU that the tree of `root` has used until now, all threads; or `root` alone. */
export function cpuSeconds(root: number, tree = true): number {
  return (tree ? descendants(root) : [root]).reduce((sum, pid) => sum + ownSeconds(pid), 0);
}

/** The processes of the tree of `root`, itself first. */
export function members(root: number): Member[] {
  return descendants(root).map((pid) => {
    const words = read(`/proc/${pid}/cmdline`).split("\0").filter(Boolean);
    const script = words.findIndex((word) => /\.m?js$/.test(word));
    return {
      pid,
      name: words.slice(script + 1).join(" ") || basename(words[script] ?? ""),
      residentBytes: residentBytes(pid),
    };
  });
}

/** Memory that one process holds: its resident set. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "0";
  return Number(kilobytes) * 1024;
}

/** Memory of one process with its share of what it has in common with others: proportional set. */
export function proportionalBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? "0";
  return Number(kilobytes) * 1024;
}

/** Seconds that a core has been busy since the machine started, with whatever. */
export function coreBusySeconds(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(read("/proc/stat"))?.[1] ?? "";
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(" ").map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** Bytes that the kernel holds in the buffers of all TCP sockets. */
export function socketBufferBytes(): number {
  const pages = /^TCP:.* mem (\d+)/m.exec(read("/proc/net/sockstat"))?.[1] ?? "0";
  return Number(pages) * 4096;
}

function ownSeconds(pid: number): number {
  const tasks = list(`/proc/${pid}/task`);
  if (tasks.length > MANY_THREADS) {
    // Behind the name, which may hold anything, in parentheses.
    const fields = read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
  }
  let nanoseconds = 0;
  for (const task of tasks) {
    // schedstat counts nanoseconds; the ticks of stat are as long as hundreds of frames.
    nanoseconds += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0] ?? 0);
  }
  return nanoseconds / 1e9;
}

function descendants(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const task of list(`/proc/${pid}/task`)) {
      found.push(...read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number));
    }
  }
  return found;
}
