/**
 * From what a delivered frame costs to what many viewers cost: the tables of docs/scaling.md, made again from the results of the
 * fan-out and of the hop where there are any, else from those that stand in bench/README.md.
 */

import { readFileSync } from "node:fs";
import { table } from "./report.ts";

/** What one delivered frame costs, and one that comes over NATS. */
export interface Measured {
  /** CPU of a server per delivered frame, µs: the process that serves. */
  readonly servedMicros: { readonly jpeg: number; readonly h264: number };
  /** CPU of a server per frame that it takes from NATS, however many viewers it has; and of NATS per frame that it passes on. */
  readonly takenMicros: { readonly jpeg: number; readonly h264: number };
  readonly passedMicros: { readonly jpeg: number; readonly h264: number };
}

/** The same machine as in bench/README.md: a virtual one, two shared cores, Node 20. */
export const MEASURED: Measured = {
  servedMicros: { jpeg: 45.8, h264: 20.7 },
  takenMicros: { jpeg: 2378, h264: 1048 },
  passedMicros: { jpeg: 824, h264: 554 },
};

/** One camera at 30/s, as many watch it. */
const TRACKS = {
  jpeg: { name: "`jpeg`, 100 kB a frame", bytes: 100_000, rate: 30 },
  h264: { name: "`h264`, 5 kB a frame", bytes: 5000, rate: 30 },
} as const;

/** What is assumed, and not measured. */
export interface Assumed {
  /** Cores of a server machine, and how full they may be. */
  readonly cores: number;
  readonly coreShare: number;
  /** Its network card, and how full that may be. */
  readonly cardBitsPerSecond: number;
  readonly cardShare: number;
  /** Memory that a viewer takes in the process, and frames of its window in the kernel's buffers. */
  readonly viewerBytes: number;
  readonly viewerFrames: number;
  /** Edges that are fed by the middle of NATS itself; where there are more, a leaf node feeds so many. */
  readonly edgesPerLeaf: number;
  /** Prices. */
  readonly dollarsPerCoreHour: number;
  readonly dollarsPerGigabyte: number;
}

/** Round figures of a rented machine. */
export const ASSUMED: Assumed = {
  cores: 16,
  coreShare: 0.6,
  cardBitsPerSecond: 25e9,
  cardShare: 0.7,
  viewerBytes: 18_000,
  viewerFrames: 2,
  edgesPerLeaf: 50,
  dollarsPerCoreHour: 0.04,
  dollarsPerGigabyte: 0.01,
};

/** What so many viewers need. */
export interface Need {
  readonly viewers: number;
  readonly cores: number;
  readonly edges: number;
  /** What makes it so many machines. */
  readonly limit: "cores" | "card";
  readonly viewersPerEdge: number;
  readonly egressBitsPerSecond: number;
  readonly memoryBytesPerEdge: number;
  readonly leaves: number;
  /** What the middle of NATS sends: to each leaf once, or to each edge where there are none. */
  readonly coreBitsPerSecond: number;
  /** Cores of all servers of NATS together. */
  readonly natsCores: number;
  readonly dollarsPerHour: { readonly machines: number; readonly traffic: number };
}

/** The model. All of it is division: nothing is shared between viewers but the frame. */
export function need(
  viewers: number,
  codec: keyof typeof TRACKS,
  measured: Measured = MEASURED,
  assumed: Assumed = ASSUMED,
): Need {
  const { bytes, rate } = TRACKS[codec];
  const bits = 8 * bytes * rate;
  // Each worker takes the frame from NATS once.
  const overhead = (rate * measured.takenMicros[codec]) / 1e6;
  const perCore = (assumed.coreShare - overhead) / ((rate * measured.servedMicros[codec]) / 1e6);
  const byCores = perCore * assumed.cores;
  const byCard = (assumed.cardBitsPerSecond * assumed.cardShare) / bits;
  const viewersPerEdge = Math.max(1, Math.floor(Math.min(byCores, byCard)));
  const edges = Math.ceil(viewers / viewersPerEdge);
  const leaves = edges > assumed.edgesPerLeaf ? Math.ceil(edges / assumed.edgesPerLeaf) : 0;
  const egressBitsPerSecond = viewers * bits;
  return {
    viewers,
    cores: Math.ceil(viewers / perCore),
    edges,
    limit: byCores <= byCard ? "cores" : "card",
    viewersPerEdge,
    egressBitsPerSecond,
    memoryBytesPerEdge:
      Math.min(viewers, viewersPerEdge) * (assumed.viewerBytes + assumed.viewerFrames * bytes),
    leaves,
    coreBitsPerSecond: (leaves > 0 ? leaves : edges) * bits,
    natsCores: ((edges + leaves) * rate * measured.passedMicros[codec]) / 1e6,
    dollarsPerHour: {
      machines: edges * assumed.cores * assumed.dollarsPerCoreHour,
      traffic: (egressBitsPerSecond / 8 / 1e9) * 3600 * assumed.dollarsPerGigabyte,
    },
  };
}

/** The table of docs/scaling.md. */
export function scalingTable(measured: Measured = MEASURED, assumed: Assumed = ASSUMED): string {
  const rows = (Object.keys(TRACKS) as (keyof typeof TRACKS)[]).flatMap((codec) =>
    [1e4, 1e5, 1e6].map((viewers) => {
      const found = need(viewers, codec, measured, assumed);
      return [
        TRACKS[codec].name,
        viewers.toLocaleString("en"),
        found.viewersPerEdge.toLocaleString("en"),
        `${found.edges.toLocaleString("en")} (${found.limit})`,
        found.cores.toLocaleString("en"),
        bits(found.egressBitsPerSecond),
        `${(found.memoryBytesPerEdge / 1e9).toFixed(2)} GB`,
        found.leaves === 0 ? "–" : String(found.leaves),
        bits(found.coreBitsPerSecond),
        found.natsCores.toFixed(1),
        `${dollars(found.dollarsPerHour.machines)} + ${dollars(found.dollarsPerHour.traffic)}`,
      ];
    }),
  );
  const columns = [
    "one camera at 30/s",
    "viewers",
    "of one edge",
    "edges (limit)",
    "cores",
    "to the viewers",
    "memory of an edge",
    "leaf nodes",
    "out of the middle of NATS",
    "cores of NATS",
    "an hour: machines + traffic",
  ];
  return table("What many viewers need", columns, rows);
}

/** `npm run bench -- scaling`. */
export async function scaling(): Promise<string> {
  const { measured, from } = latest();
  return `${scalingTable(measured)}\nFigures of ${from}.\n`;
}

interface Row {
  readonly bytes: number;
  readonly viewers?: number;
  readonly deltas?: boolean;
  readonly carrier?: string;
  readonly track?: string;
  readonly micros?: { readonly hub: number; readonly server: number };
  readonly rounds?: readonly {
    readonly noise: number;
    readonly ours: { readonly serverMicrosPerFrame: number };
  }[];
}

/** The newest results on this machine, where there are any. */
function latest(): { measured: Measured; from: string } {
  const [fanout, hops] = [results("fanout"), results("hop")];
  const served = (bytes: number, deltas: boolean): number | undefined => {
    const rows = fanout.filter((row) => row.bytes === bytes && (row.deltas ?? false) === deltas);
    const most = rows.toSorted((a, b) => (b.viewers ?? 0) - (a.viewers ?? 0))[0];
    return most?.rounds?.toSorted((a, b) => a.noise - b.noise)[0]?.ours.serverMicrosPerFrame;
  };
  const hop = (bytes: number, what: "hub" | "server"): number | undefined =>
    hops.find((row) => row.carrier === "nats" && row.bytes === bytes)?.micros?.[what];
  const measured: Measured = {
    servedMicros: {
      jpeg: served(100_000, false) ?? MEASURED.servedMicros.jpeg,
      h264: served(5000, true) ?? MEASURED.servedMicros.h264,
    },
    takenMicros: {
      jpeg: hop(100_000, "server") ?? MEASURED.takenMicros.jpeg,
      h264: hop(5000, "server") ?? MEASURED.takenMicros.h264,
    },
    passedMicros: {
      jpeg: hop(100_000, "hub") ?? MEASURED.passedMicros.jpeg,
      h264: hop(5000, "hub") ?? MEASURED.passedMicros.h264,
    },
  };
  const sources = [fanout.length > 0 ? "the fan-out" : "", hops.length > 0 ? "the hop" : ""].filter(Boolean);
  return {
    measured,
    from: sources.length > 0 ? `${sources.join(" and ")} on this machine` : "bench/README.md",
  };
}

function results(bench: string): readonly Row[] {
  try {
    const text = readFileSync(`${import.meta.dirname}/results/${bench}.json`, "utf8");
    return (JSON.parse(text) as { figures: readonly Row[] }).figures;
  } catch {
    return [];
  }
}

function bits(value: number): string {
  if (value >= 1e12) return `${(value / 1e12).toFixed(2)} Tbit/s`;
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} Gbit/s`;
  return `${(value / 1e6).toFixed(0)} Mbit/s`;
}

function dollars(value: number): string {
  return `$${value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString("en")}`;
}
