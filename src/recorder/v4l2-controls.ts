import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type CameraControl, type ControlChoice, isControlName, Limits } from "../protocol/index.ts";
import { type SourceControls, SourceError } from "./frame-source.ts";

/** Milliseconds that the program may take. */
const TIMEOUT_MS = 4000;

const MISSING = "v4l2-ctl is not installed here, so cameras cannot be adjusted: install v4l-utils";

/** The controls of a V4L2 device, by `v4l2-ctl`: Node has no ioctl. It is run without a shell. */
export class V4l2Controls implements SourceControls {
  readonly #locate: () => Promise<string>;

  /** `locate` gives the path of the device as it is now. */
  constructor(locate: () => Promise<string>) {
    this.#locate = locate;
  }

  /** See {@link SourceControls.read}. */
  async read(): Promise<readonly CameraControl[]> {
    return parseControls(await this.#run("--list-ctrls-menus"));
  }

  /** See {@link SourceControls.write}. Together, and in their order: what is automatic has to be switched off first. */
  async write(values: ReadonlyMap<string, number>): Promise<void> {
    const pairs = [...values]
      .filter(([name]) => isControlName(name))
      .map(([name, value]) => `${name}=${value}`);
    await this.#run(`--set-ctrl=${pairs.join(",")}`);
  }

  async #run(argument: string): Promise<string> {
    const path = await this.#locate();
    try {
      const { stdout } = await promisify(execFile)("v4l2-ctl", [`--device=${path}`, argument], {
        timeout: TIMEOUT_MS,
      });
      return stdout;
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string };
      if (code === "ENOENT") throw new SourceError(MISSING);
      const [line = "it gave no reason"] = (stderr ?? "").split("\n").filter((text) => text.trim() !== "");
      throw new SourceError(`the camera cannot be adjusted: ${line.trim()}`);
    }
  }
}

const KINDS: Readonly<Record<string, CameraControl["kind"]>> = {
  int: "range",
  int64: "range",
  bool: "switch",
  menu: "menu",
  intmenu: "menu",
  button: "button",
};

/**
 * The controls in what `v4l2-ctl --list-ctrls-menus` says. Those of other kinds (texts, masks, matrices) are left out, and
 * those that can only be read.
 */
export function parseControls(text: string): CameraControl[] {
  const controls: (CameraControl & { choices?: ControlChoice[] })[] = [];
  let choices: ControlChoice[] | undefined;
  for (const line of text.split("\n")) {
    const choice = /^\t{2,}(-?\d+): (.*)$/.exec(line);
    if (choice !== null) {
      // The number of an integer menu is its index; what it means is only a label.
      if ((choices?.length ?? 0) < Limits.MAX_CONTROL_CHOICES)
        choices?.push({ value: Number(choice[1]), label: choice[2] ?? "" });
      continue;
    }
    choices = undefined;
    const head = /^\s*([a-z0-9_]{1,64}) 0x[0-9a-f]+ \((\w+)\)\s*:(.*)$/.exec(line);
    const kind = KINDS[head?.[2] ?? ""];
    const [name, facts] = [head?.[1], head?.[3] ?? ""];
    if (kind === undefined || name === undefined || controls.length >= Limits.MAX_CONTROLS) continue;
    const flags = /flags=(.*)$/.exec(facts)?.[1]?.split(", ") ?? [];
    if (flags.includes("read-only") || flags.includes("disabled")) continue;
    // Controls of 64 bits may exceed what JSON can say exactly.
    const figure = (key: string, absent: number): number => {
      const value = Number(new RegExp(`\\b${key}=(-?\\d+)`).exec(facts)?.[1] ?? absent);
      return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
    };
    if (kind === "menu") choices = [];
    controls.push({
      name,
      kind,
      min: figure("min", kind === "button" ? 1 : 0),
      max: figure("max", 1),
      step: Math.max(1, figure("step", 1)),
      default: figure("default", 0),
      value: figure("value", 0),
      ...(choices === undefined ? {} : { choices }),
      ...(flags.includes("inactive") ? { inactive: true } : {}),
    });
  }
  return controls;
}
