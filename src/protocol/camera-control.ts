import { array, number, optional, record, text } from "./fields.ts";
import { MAX_CONTROL_CHOICES, MAX_TEXT_CHARACTERS } from "./limits.ts";

/** One of the values that a control of kind `menu` may have. */
export interface ControlChoice {
  readonly value: number;
  /** For people. */
  readonly label: string;
}

/** Something of a camera that can be adjusted: its brightness, focus, zoom. */
export interface CameraControl {
  /** As the driver has it: `brightness`, `zoom_absolute`. */
  readonly name: string;
  /** `range`: any value from `min` to `max` in steps. `switch`: 0 or 1. `menu`: one of `choices`. `button`: pressed with 1. */
  readonly kind: "range" | "switch" | "menu" | "button";
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  readonly value: number;
  readonly choices?: readonly ControlChoice[] | undefined;
  /** It has no effect at present: another control decides, such as automatic exposure. */
  readonly inactive?: boolean | undefined;
}

const KINDS: ReadonlySet<string> = new Set(["range", "switch", "menu", "button"]);
const NAME = /^[a-z0-9_]{1,64}$/;
const MAX = Number.MAX_SAFE_INTEGER;

/** Whether `name` may name a control. */
export function isControlName(name: string): boolean {
  return NAME.test(name);
}

/** Read a {@link CameraControl} from a message. @throws ProtocolError `HW_MALFORMED` */
export function cameraControl(value: unknown, path: string): CameraControl {
  const fields = record(value, path);
  const figure = (key: string): number => number(fields[key], `${path}.${key}`, -MAX, MAX);
  const kind = text(fields["kind"], `${path}.kind`, 16);
  const choices = optional(fields["choices"], (v) =>
    array(v, `${path}.choices`, MAX_CONTROL_CHOICES, (entry, where): ControlChoice => {
      const choice = record(entry, where);
      return {
        value: number(choice["value"], `${where}.value`, -MAX, MAX),
        label: text(choice["label"], `${where}.label`, MAX_TEXT_CHARACTERS),
      };
    }),
  );
  return {
    name: text(fields["name"], `${path}.name`, 64),
    // A kind of a later version is a number too.
    kind: KINDS.has(kind) ? (kind as CameraControl["kind"]) : "range",
    min: figure("min"),
    max: figure("max"),
    step: figure("step"),
    default: figure("default"),
    value: figure("value"),
    ...(choices === undefined ? {} : { choices }),
    ...(fields["inactive"] === true ? { inactive: true } : {}),
  };
}
