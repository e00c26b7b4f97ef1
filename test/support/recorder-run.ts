import { afterEach, beforeEach, vi } from "vitest";
import type { Bus } from "../../src/bus/index.ts";
import { Recorder, type RecorderConfig, type RunEnd } from "../../src/recorder/recorder.ts";
import { FakeBus, FakeSource } from "./fake-camera.ts";

/** Let everything happen that is due. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** Let so much time go by. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** What a recorder of the present test works with; anew for each. */
export let source: FakeSource;
export let bus: FakeBus;
/** What it has said. */
export let lines: string[];
export let stopping: AbortController;
export let done: Promise<RunEnd>;
export let recorder: Recorder;

/** Run a recorder of {@link source} until {@link stopping}. */
export async function start(config: Partial<RecorderConfig> = {}): Promise<void> {
  const log = {
    info: (line: string) => lines.push(`info ${line}`),
    warn: (line: string) => lines.push(`warn ${line}`),
  };
  recorder = new Recorder(
    { id: "front", name: "Front", source, ...config },
    { bus: bus as unknown as Bus, log },
  );
  done = recorder.run(stopping.signal);
  await settle();
}

/** Every test of the file has a recorder of its own, and a clock that only the test moves. */
export function useRecorder(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    source = new FakeSource();
    bus = new FakeBus();
    lines = [];
    stopping = new AbortController();
  });

  afterEach(async () => {
    stopping.abort();
    await settle();
    await done;
    vi.useRealTimers();
  });
}
