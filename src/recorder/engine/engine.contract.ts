import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { concatenate, readCounters, writeClip } from "../../../test/support/clip.ts";
import { watchSource } from "../../../test/support/source-frames.ts";
import { AnnexB, H264, type Size } from "../../codec/index.ts";
import { micros } from "../../protocol/index.ts";
import { readStrip } from "../counter-strip.ts";
import type { Capture, SourceFrame } from "../frame-source.ts";
import * as Jpeg from "../jpeg.ts";
import { TestPicture } from "../test-picture.ts";
import type { Engine, Packet, Picture } from "./engine.ts";
import type { EngineName } from "./engine-name.ts";
import { loadEngine } from "./load-engine.ts";

const SIZE = { width: 640, height: 360 };
const H264_OPTIONS = { rate: 30, maxBitrate: 2_000_000, level: 31, effort: "some" } as const;
const never = new AbortController().signal;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What every engine does. */
export function engineContract(name: EngineName): void {
  describe(`the engine ${name}`, () => {
    let engine: Engine;
    let folder: string;
    const path = (file: string): string => join(folder, file);

    beforeAll(async () => {
      engine = await loadEngine({ name });
      folder = await mkdtemp(join(tmpdir(), "hello-engine-"));
      const clip = { encoder: "libx264", width: 320, height: 180, frames: 50, gop: 25 };
      await writeClip(path("plain.mp4"), { ...clip, options: { preset: "ultrafast" } });
      await writeClip(path("bframes.mkv"), { ...clip, options: { preset: "medium" }, bFrames: 2 });
      await writeFile(path("words.bin"), "These are words, and no video. ".repeat(100));
    }, 60_000);
    afterAll(() => rm(folder, { recursive: true }));

    /** A picture on which a number can be drawn. */
    function canvas(size: Size = SIZE): { picture: Picture; draw: (count: number) => void } {
      const picture = engine.blank(size);
      const drawn = new TestPicture(size, 30, picture.planes);
      return { picture, draw: (count) => drawn.draw(micros(1_700_000_000_000_000), count) };
    }

    const counterOf = (picture: Picture): number => readStrip({ ...picture.planes[0]!, ...sizeOf(picture) });
    const sizeOf = ({ width, height }: Picture): Size => ({ width, height });
    const jpegOf = async (size: Size, count: number, to: Size = size): Promise<Uint8Array> => {
      const { picture, draw } = canvas(size);
      using like = picture;
      await using encoder = await engine.openJpegEncoder({ like, size: to }, 80);
      draw(count);
      return await encoder.encode(like);
    };

    test.each([
      ["as it is", SIZE, SIZE],
      ["smaller", SIZE, { width: 320, height: 180 }],
      ["with odd sides", { width: 321, height: 181 }, { width: 321, height: 181 }],
    ])("a picture becomes a JPEG, %s, and a JPEG a picture", async (_how, from, to) => {
      const jpeg = await jpegOf(from, 0xa5c3, to);
      expect(Jpeg.size(jpeg)).toEqual(to);
      await using decoder = await engine.openDecoder();
      const [picture] = await decoder.decode(engine.packet(jpeg));
      using shown = picture!;
      expect(sizeOf(shown)).toEqual(to);
      expect(counterOf(shown)).toBe(0xa5c3);
    });

    test("better quality takes more bytes", async () => {
      const { picture, draw } = canvas();
      using like = picture;
      draw(1);
      const sizes: number[] = [];
      for (const quality of [20, 60, 95]) {
        await using encoder = await engine.openJpegEncoder({ like, size: SIZE }, quality);
        sizes.push((await encoder.encode(like)).byteLength);
      }
      expect(sizes).toEqual(sizes.slice().sort((a, b) => a - b));
      expect(sizes[2]! / sizes[0]!).toBeGreaterThan(2);
    });

    test("JPEGs may change their size on the way, and one that is damaged gives no picture of another", async () => {
      await using decoder = await engine.openDecoder();
      const small = { width: 320, height: 180 };
      const jpegs = [
        await jpegOf(SIZE, 1),
        Uint8Array.of(0xff, 0xd8, 1, 2, 3, 0xff, 0xd9),
        await jpegOf(small, 2),
      ];
      const seen: (Size & { count: number })[] = [];
      for (const jpeg of [...jpegs, await jpegOf(small, 3)]) {
        for (const picture of await decoder.decode(engine.packet(jpeg))) {
          using shown = picture;
          seen.push({ ...sizeOf(shown), count: counterOf(shown) });
        }
      }
      expect(seen).toEqual([
        { ...SIZE, count: 1 },
        { ...small, count: 2 },
        { ...small, count: 3 },
      ]);
    });

    test("H.264 comes at once, each picture once, with keyframes exactly where they are asked for", async () => {
      const { picture, draw } = canvas();
      using like = picture;
      await using encoder = await engine.openH264Encoder("x264", { like, size: SIZE, ...H264_OPTIONS });
      const units: { index: number; keyframe: boolean; bytes: Uint8Array }[] = [];
      for (let count = 0; count < 20; count++) {
        draw(count);
        const answers = await encoder.encode(like, [0, 7, 8, 15].includes(count));
        expect(answers.map(({ index }) => index)).toEqual([count]);
        for (const { index, bytes } of answers) {
          const slice = AnnexB.split(bytes).find((unit) => H264.isSlice(unit))!;
          units.push({ index, keyframe: H264.isKeyframe(slice), bytes });
        }
      }
      expect(units.filter(({ keyframe }) => keyframe).map(({ index }) => index)).toEqual([0, 7, 8, 15]);
      for (const start of [0, 7, 15]) {
        const counters = await readCounters(
          units.slice(start).map(({ bytes }) => bytes),
          "h264",
        );
        expect(counters).toEqual(upTo(20).slice(start));
      }
      expect(await encoder.flush()).toEqual([]);
    });

    test("H.264 is made in another size, and keeps below its bitrate", async () => {
      const { picture } = canvas();
      using like = picture;
      const maxBitrate = 450_000;
      const size = { width: 480, height: 270 };
      await using encoder = await engine.openH264Encoder("x264", { like, size, ...H264_OPTIONS, maxBitrate });
      const luma = like.planes[0]!.bytes;
      const bits: number[] = [];
      for (let count = 0; count < 75; count++) {
        let state = count + 1;
        for (let at = 0; at < luma.length; at++) {
          state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
          luma[at] = 96 + (((at + count * 7) >> 5) & 1) * 60 + ((state >> 16) & 31);
        }
        for (const { bytes } of await encoder.encode(like, count === 40)) bits.push(8 * bytes.byteLength);
      }
      const seconds = upTo(45).map((from) => bits.slice(from, from + 30).reduce((sum, one) => sum + one, 0));
      expect(Math.max(...seconds) / maxBitrate).toBeLessThan(1.05);
      expect(Math.max(...seconds) / maxBitrate).toBeGreaterThan(0.5);
    });

    test.skipIf(process.platform === "darwin")("an encoder that does not work here says so", async () => {
      using like = engine.blank(SIZE);
      const opened = engine.openH264Encoder("videotoolbox", { like, size: SIZE, ...H264_OPTIONS });
      await expect(opened).rejects.toThrow();
    });

    test.each(["plain.mp4", "bframes.mkv"])(
      "%s is read to its end, and each picture seen once",
      async (file) => {
        await using input = await engine.openInput(`file:${path(file)}`, { patient: true }, never);
        expect(input.video).toMatchObject({ codec: "h264", width: 320, height: 180, rate: 25 });
        await using decoder = await engine.openDecoder(input);
        const times: number[] = [];
        const keys: number[] = [];
        const counters: number[] = [];
        const show = (pictures: readonly Picture[]): void => {
          for (const picture of pictures) {
            using shown = picture;
            counters.push(counterOf(shown));
          }
        };
        let count = 0;
        for (let packet = await input.read(); packet !== undefined; packet = await input.read()) {
          using one = packet;
          if (one.keyframe) keys.push(count);
          if (one.dtsMicros !== undefined) times.push(Math.round(one.dtsMicros / 1000));
          show(await decoder.decode(one));
          count++;
        }
        show(await decoder.decode(undefined));
        expect(count).toBe(50);
        expect(keys[0]).toBe(0);
        expect(counters).toEqual(upTo(50));
        // At the beginning of a stream that is out of order no time is known, or another one.
        const settled = times.slice(4);
        expect(settled.length).toBeGreaterThan(40);
        expect(settled.slice(1).map((time, index) => time - settled[index]!)).toEqual(
          settled.slice(1).map(() => 40),
        );
      },
    );

    test("a packet that is shared outlives the one it came from", async () => {
      await using input = await engine.openInput(`file:${path("plain.mp4")}`, { patient: true }, never);
      const packet: Packet = (await input.read())!;
      const bytes = Uint8Array.from(packet.bytes);
      using shared = packet.share();
      packet[Symbol.dispose]();
      expect(shared.byteLength).toBe(bytes.byteLength);
      expect(Buffer.compare(shared.copy(), bytes)).toBe(0);
    });

    test("what cannot be opened is told in FFmpeg's own words", async () => {
      const refused = (url: string): Promise<unknown> =>
        engine.openInput(url, { options: { rtsp_flags: "prefer_tcp" } }, never);
      await expect(refused(`file:${path("nothing.mp4")}`)).rejects.toThrow("no such file or directory");
      await expect(refused(`file:${path("words.bin")}`)).rejects.toThrow(
        "invalid data found when processing input",
      );
      await expect(refused("rtsp://127.0.0.1:1/x")).rejects.toThrow("connection refused");
      await expect(refused("rtsp://user:pass'word@127.0.0.1:1/x")).rejects.toThrow("connection refused");
    });

    test.skipIf(process.platform !== "linux")("a device that is not there is told as such", async () => {
      const opened = engine.openInput("/dev/video99", { format: "v4l2", device: true }, never);
      await expect(opened).rejects.toThrow("no such file or directory");
      expect(await engine.modes("/dev/video99")).toEqual([]);
    });

    test("what hangs while it is opened can be left, and what is read too", async () => {
      const { createServer } = await import("node:net");
      const silent = createServer(() => {}).listen(0, "127.0.0.1");
      await new Promise((resolve) => silent.once("listening", resolve));
      const { port } = silent.address() as { port: number };
      const stopping = new AbortController();
      silent.once("connection", () => stopping.abort());
      await expect(engine.openInput(`tcp://127.0.0.1:${port}`, {}, stopping.signal)).rejects.toThrow();
      silent.close();
    });

    describe("as what sources work with", () => {
      const watch = (
        source: string,
        wanted: readonly string[],
        done: (frames: readonly SourceFrame[], capture: Capture) => boolean,
      ): Promise<{ frames: SourceFrame[]; capture: Capture }> =>
        watchSource(source, wanted, done, { engine: { name }, encoder: "x264" });
      const of = (frames: readonly SourceFrame[], track: string): SourceFrame[] =>
        frames.filter((frame) => frame.track === track);
      const eachHas =
        (tracks: readonly string[], count: number) =>
        (frames: readonly SourceFrame[]): boolean =>
          tracks.every((track) => of(frames, track).length >= count);

      const LADDER = [
        "jpeg",
        "h264",
        "h264-540p",
        "h264-270p",
        "h264-180p",
        "jpeg-540p",
        "jpeg-270p",
        "jpeg-135p",
      ];

      test("the test picture has all its tracks, of one moment each", async () => {
        const tracks = ["jpeg", "h264", "h264-270p", "jpeg-135p"];
        const { frames, capture } = await watch("test:1280x720@10", tracks, eachHas(tracks, 5));
        expect(capture.tracks.map((track) => track.name)).toEqual(LADDER);
        for (const track of tracks) expect(of(frames, track)[0]?.keyframe).toBe(true);
        const [jpeg, video] = [of(frames, "jpeg"), of(frames, "h264")];
        expect(video.slice(0, 5).map(({ capturedAt }) => capturedAt)).toEqual(
          jpeg.slice(0, 5).map(({ capturedAt }) => capturedAt),
        );
        const counters = await readCounters(
          jpeg.map(({ payload }) => payload),
          "mjpeg",
        );
        expect(counters).toEqual(counters.slice().sort((a, b) => a - b));
      });

      test("a file passes through byte for byte, with JPEG beside it", async () => {
        const { frames, capture } = await watch(
          path("plain.mp4"),
          ["h264", "jpeg"],
          eachHas(["h264", "jpeg"], 20),
        );
        expect(capture.tracks[0]?.codec).toMatch(/^avc1\./);
        const counters = await readCounters(
          of(frames, "h264").map(({ payload }) => payload),
          "h264",
        );
        expect(counters).toEqual(upTo(counters.length));
        expect(capture.counters.encoded).toBeGreaterThanOrEqual(20);
      });

      test("nothing is decoded while all that is wanted passes through, and a wish makes a keyframe where one is made", async () => {
        let wished = false;
        const { frames, capture } = await watch(path("plain.mp4"), ["h264"], (got, camera) => {
          if (got.length === 10) {
            expect(camera.counters).toMatchObject({ decoded: 0, encoded: 0 });
            camera.want(new Set(["h264-135p", "jpeg-135p", "jpeg"]));
          }
          return of(got, "jpeg").length > 5;
        });
        expect(capture.counters.decoded).toBeGreaterThan(0);
        expect(of(frames, "h264-135p")).toEqual([]);
        const made = await watch("test:320x180@30", ["h264"], (got, camera) => {
          if (!wished && got.length > 20) camera.keyframe("h264");
          wished ||= got.length > 20;
          return wished && got.filter(({ keyframe }) => keyframe).length === 2;
        });
        expect(made.frames.at(-1)?.keyframe).toBe(true);
      });

      test("a file of JPEGs passes through", async () => {
        const jpegs = [];
        for (const count of upTo(5)) jpegs.push(await jpegOf(SIZE, count));
        await concatenate(path("camera.mjpeg"), jpegs);
        const { frames } = await watch(path("camera.mjpeg"), ["jpeg", "h264"], eachHas(["jpeg", "h264"], 8));
        const known = new Set(jpegs.map((jpeg) => Buffer.from(jpeg).toString("base64")));
        for (const { payload } of of(frames, "jpeg")) {
          expect(known.has(Buffer.from(payload).toString("base64"))).toBe(true);
        }
      });
    });
  });
}
