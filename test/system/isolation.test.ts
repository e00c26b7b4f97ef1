import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { Ack, Frame } from "../../src/protocol/index.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";

const PATIENCE_MS = 30_000;
const WELL = Array.from({ length: 9 }, (_, index) => `well-${index}`);
const CRASHES = 5;
const WINDOW = 8;

let program: Program | undefined;
let viewer: TestViewer | undefined;
afterEach(async () => {
  viewer?.close();
  await program?.kill("SIGKILL");
});

/** The process that records `camera` for `parent`, if there is one now. */
function recorderOf(camera: string, parent: number): number | undefined {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const isChild =
        readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(parent);
      if (isChild && readFileSync(`/proc/${name}/environ`, "utf8").includes(`"id":"${camera}"`))
        return Number(name);
    } catch {
      // It has ended meanwhile.
    }
  }
  return undefined;
}

test.runIf(process.platform === "linux")(
  "a recorder that crashes again and again takes no frame from nine others",
  async () => {
    const cameras = ["bad", ...WELL].flatMap((id) => ["--camera", `${id}=test:160x120@10`]);
    program = await Program.start(["up", "--port", "0", ...cameras]);
    const { pid } = program;
    viewer = await TestViewer.open(`${program.firstLine.replace("http", "ws")}/ws`);
    const { socket } = viewer;
    const names = new Map<number, string>();
    const renumbered: string[] = [];
    const sequences = new Map<string, number[]>(WELL.map((id) => [id, []]));
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) {
        const message = JSON.parse(data.toString()) as { type: string; camera: string; number: number };
        if (message.type !== "watching") return;
        if ([...names.values()].includes(message.camera)) renumbered.push(message.camera);
        names.set(message.number, message.camera);
        return;
      }
      const { track, sequence } = Frame.decode(new Uint8Array(data));
      sequences.get(names.get(track) ?? "")?.push(sequence);
      socket.send(Ack.encode({ track, sequence, windowFrames: WINDOW }));
    });
    for (const camera of WELL) viewer.tell({ type: "watch", camera, track: "jpeg", window: WINDOW });
    const all = (count: number) => (): void => {
      for (const [id, seen] of sequences) expect([id, seen.length >= count]).toEqual([id, true]);
    };
    await eventually(all(5), PATIENCE_MS);
    // All are up and running: from here on nothing but the crashes disturbs.
    const from = new Map([...sequences].map(([id, seen]) => [id, seen.length]));

    const killed = new Set<number>();
    while (killed.size < CRASHES) {
      let next: number | undefined;
      await eventually(() => {
        next = recorderOf("bad", pid);
        expect(next !== undefined && !killed.has(next)).toBe(true);
      }, PATIENCE_MS);
      process.kill(next ?? 0, "SIGKILL");
      killed.add(next ?? 0);
    }
    await eventually(all(Math.max(...from.values()) + 30), PATIENCE_MS);

    expect(renumbered).toEqual([]);
    for (const [id, seen] of sequences) {
      const after = seen.slice(from.get(id));
      const unbroken = after.map((_, index) => (after[0] ?? 0) + index);
      expect([id, after]).toEqual([id, unbroken]);
    }
    const answer = await fetch(`${program.firstLine}/cameras/bad`);
    expect(["gone", "opening", "live"]).toContain(((await answer.json()) as { state: string }).state);
    expect(program.stderr).toMatch(/bad: its recorder has ended \(SIGKILL\); it is started again/);
  },
);
