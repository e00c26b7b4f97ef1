import { Lane, type Member } from "../../src/client/shared/lane.ts";
import { Questions } from "../../src/client/shared/questions.ts";
import { TabWindow } from "../../src/client/tab-window.ts";
import { ClockOffset } from "../../src/flow/clock-offset.ts";
import { Floor } from "../../src/flow/floor.ts";
import { Feed } from "../../src/hub/feed.ts";
import { type Ack, type Frame, micros } from "../../src/protocol/index.ts";
import type { SimulatedHub, TrackPlan } from "./simulated-hub.ts";
import type { LinkPlan, SimulatedLink } from "./simulated-link.ts";
import { type Shown, SimulatedClock, SimulatedPlayer, type ViewerPlan, world } from "./simulated-viewer.ts";

/** From the worker that tabs share to one of them, or back, in ms. */
const HOP_MS = 0.3;

/** Several tabs of one browser watch one track over one link for `forMs`, through the real hub's {@link Lane}: what each showed. */
export function watchInTabs(
  track: TrackPlan,
  plan: LinkPlan,
  tabs: readonly ViewerPlan[],
  forMs: number,
): Shown[][] {
  const { time, link, hub } = world([track], plan, {});
  let lane: Lane | undefined;
  const clock = { nowMs: () => time.nowMs, after: (ms: number, run: () => void) => time.after(ms, run) };
  const offset = new ClockOffset();
  const ask = (answered: (atMs: number) => void): void => {
    const sentMs = time.nowMs;
    link.up(() =>
      hub.ask((atMs) => {
        offset.add(micros(sentMs * 1000), micros(atMs * 1000), micros(time.nowMs * 1000));
        answered(atMs);
      }),
    );
  };
  const questions = new Questions<(atMs: number) => void>(clock, (answer, heldMs) =>
    ask((atMs) => time.after(HOP_MS, () => answer(atMs - heldMs / 2))),
  );
  ask(() => undefined);
  const shared = (windowFrames: number): Lane => {
    if (lane !== undefined) return lane;
    const added = new Lane(
      {
        windowFrames,
        stills: (track.gopFrames ?? 1) === 1,
        clock,
      },
      {
        acknowledge: (ack, emptyWay) => {
          questions.asking();
          if (emptyWay) ask(() => undefined);
          link.up(() => hub.acknowledge(track.name, ack));
        },
        resize: (frames) => link.up(() => hub.watch(track.name, frames, () => undefined)),
        wantKeyframe: () => link.up(() => hub.wantKeyframe(track.name)),
        left: () => link.up(() => hub.unwatch(track.name)),
        roundTripMs: () => offset.wayMs,
      },
    );
    added.renumber(1);
    link.up(() =>
      hub.watch(track.name, added.windowFrames, (frame) => {
        offset.frame(micros(time.nowMs * 1000));
        added.put(frame);
      }),
    );
    lane = added;
    return added;
  };
  return tabs
    .map((viewer) => {
      const shown: Shown[] = [];
      // To a tab, the hub is what a server is to a viewer.
      const tabLink = { up: (arrive: () => void) => time.after(HOP_MS, arrive) } as unknown as SimulatedLink;
      let member: Member | undefined;
      let feed: Feed | undefined;
      const tabHub = {
        watch: (name: string, windowFrames: number, receive: (frame: Frame.Frame) => void) => {
          feed = new Feed(
            {
              subscribe: (_camera, _track, events) => {
                member = shared(windowFrames).join(events, windowFrames);
                return member;
              },
              cameras: () => [],
              camera: () => undefined,
              follow: () => () => undefined,
            },
            { camera: "camera", track: name, windowFrames, skipsDiscardable: true },
            { ready: true, send: (frame) => time.after(HOP_MS, () => receive(frame)) },
            () => undefined,
          );
          feed.pump();
        },
        unwatch: () => feed?.close(),
        acknowledge: (_: string, { sequence, windowFrames }: Ack.Ack) => {
          feed?.acknowledge(sequence, windowFrames);
          member?.acknowledge(sequence, windowFrames);
        },
        wantKeyframe: () => feed?.wantKeyframe(),
        ask: (answer: (atMs: number) => void) => questions.ask(answer),
      } as unknown as SimulatedHub;
      const asked = new SimulatedClock(time, tabLink, tabHub);
      void new SimulatedPlayer(
        {
          time,
          link: tabLink,
          hub: tabHub,
          clock: asked,
          floor: new Floor(30_000),
          shown,
          viewer: { ...viewer, window: () => new TabWindow() },
        },
        track,
      );
      return shown;
    })
    .map((shown, index, all) => {
      if (index === all.length - 1) time.run(forMs);
      return shown;
    });
}
