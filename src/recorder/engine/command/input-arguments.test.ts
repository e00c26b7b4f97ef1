import { beforeAll, describe, expect, test } from "vitest";
import type { Command } from "./command.ts";
import { inputArguments } from "./input-arguments.ts";

let command: Command;
beforeAll(() => {
  command = { rtspTimeout: "timeout" } as Command;
});

const OPTIONS = {
  options: {
    rw_timeout: "5",
    timeout: "6",
    stimeout: "7",
    rtsp_flags: "prefer_tcp",
    analyzeduration: "1000000",
  },
};

describe("what the command is told to open", () => {
  test("is one argument, behind what takes one, whatever it looks like", () => {
    for (const url of ["-y", "rtsp://h/; rm -rf /", "file:-i /etc/passwd", "udp://$(id)`id`\n-y"]) {
      const { args } = inputArguments(command, url, {});
      expect(args.at(-1)).toBe(url);
      expect(args.at(-2)).toBe("-i");
    }
  });

  test("with a password stands in no argument, and quotes do not end it", () => {
    for (const url of ["rtsp://me:top'secret@h/x", "http://h/v?token=secret&a='b"]) {
      const { args, script } = inputArguments(command, url, OPTIONS);
      expect(args.join(" ")).not.toContain("secret");
      expect(args.slice(-2)).toEqual(["-i", "pipe:3"]);
      expect(script).toContain(`file '${url.replaceAll("'", "'\\''")}'\n`);
    }
  });

  test("is given the options that it knows: the command refuses others", () => {
    const names = (url: string): string[] =>
      inputArguments(command, url, OPTIONS).args.filter((arg) => /^-[rst]/.test(arg));
    expect(names("rtsp://h/x")).toEqual(["-timeout", "-rtsp_flags"]);
    expect(names("tcp://h:1")).toEqual(["-rw_timeout"]);
    expect(names("file:clip.mp4")).toEqual([]);
    const old = inputArguments({ rtspTimeout: "stimeout" } as Command, "rtsp://h/x", OPTIONS);
    expect(old.args).toContain("-stimeout");
  });

  test("is named in a list without a second line", () => {
    const { script = "" } = inputArguments(command, "rtsp://a:b@h/x\noption x y", {});
    expect(script.split("\n").filter((line) => line.startsWith("option"))).toEqual([]);
  });

  test("keeps the stamps of a device", () => {
    const device = {
      format: "v4l2",
      options: { video_size: "640x480", input_format: "mjpeg" },
      device: true,
    };
    expect(inputArguments(command, "/dev/video0", device).args.join(" ")).toBe(
      "-copyts -fflags nobuffer -f v4l2 -video_size 640x480 -input_format mjpeg -i /dev/video0",
    );
  });
});
