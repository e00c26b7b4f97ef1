import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeClip } from "../../test/support/clip.ts";
import { micros } from "../protocol/index.ts";
import * as Ffmpeg from "./engine/node-av/index.ts";
import { nativeTrack } from "./native-track.ts";

let folder: string;
beforeAll(async () => {
  process.env["SVT_LOG"] = "1";
  folder = await mkdtemp(join(tmpdir(), "hello-native-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ["vp9", "libvpx-vp9", "webm", { deadline: "realtime", "cpu-used": "8" }],
  ["av1", "libsvtav1", "mkv", { preset: "12" }],
])("a stream of %s whose size changes says so at its keyframe", async (name, encoder, ending, options) => {
  const never = new AbortController().signal;
  const paths = [];
  for (const width of [320, 256]) {
    const path = join(folder, `${name}-${width}.${ending}`);
    await writeClip(path, { encoder, options, width, height: 144, frames: 3, gop: 3 });
    paths.push(path);
  }
  await using first = await Ffmpeg.Input.open(paths[0]!, {}, never);
  await using second = await Ffmpeg.Input.open(paths[1]!, {}, never);
  const track = nativeTrack(first.video, 25)!;
  const widths = [track.info.width];
  for (const input of [first, second]) {
    for (let packet = await input.read(); packet !== undefined; packet = await input.read()) {
      using one = packet;
      track.frame(one, micros(0));
      widths.push(track.info.width);
    }
  }
  expect(widths).toEqual([320, 320, 320, 320, 256, 256, 256]);
  expect(track.info).toMatchObject({ name, width: 256, height: 144 });
  expect(track.info.codec).toMatch(name === "vp9" ? /^vp09\.00\./ : /^av01\.0\.\d\dM\.08$/);
});
