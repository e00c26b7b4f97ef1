import { z } from "zod";
import { CAMERA_ID, Limits } from "../../protocol/index.ts";
import { CAMERA_OPTIONS, type Option } from "../options.ts";
import { USERS } from "../users.ts";
import { OPTIONS_BY_KEY } from "./file.ts";

const SOURCE = z.string().min(1);

/** The config file as JSON Schema (draft 7), for editors: what may be written, what it means, what holds otherwise. */
export function configSchema(): Readonly<Record<string, unknown>> {
  const settings = Object.fromEntries(
    Object.values(CAMERA_OPTIONS).map((option: Option<unknown>) => [option.key, described(option)]),
  );
  const camera = z.strictObject({
    source: SOURCE.meta({
      description: "Where the frames come from: a device, a stream, a file or the test picture.",
      examples: ["/dev/video0", "rtsp://user:password@192.168.0.20/stream", "test:"],
    }),
    name: z
      .string()
      .min(1)
      .max(Limits.MAX_TEXT_CHARACTERS)
      .optional()
      .meta({ description: "The camera's name for people (its id)." }),
    ...settings,
  });
  const cameras = z
    .record(
      z.string().regex(CAMERA_ID),
      z.union([SOURCE, camera]).meta({
        description: "A camera: its source, or a mapping. The key is its id: it stands in addresses.",
      }),
    )
    .meta({ description: "The cameras, by id. Without any: all that are plugged in." });
  const options = [...OPTIONS_BY_KEY].map(([key, option]) => [key, described(option)]);
  const file = z
    .strictObject({
      cameras: cameras.optional(),
      users: USERS.optional().meta({
        description: "Who may log in, by name. `hello-websocket user add NAME` makes these lines.",
      }),
      ...(Object.fromEntries(options) as Record<string, z.ZodType>),
    })
    .meta({ title: "hello-websocket", description: "Settings of hello-websocket (docs/config.md)." });
  return z.toJSONSchema(file, { target: "draft-7", io: "input" });
}

/** An option as a key of the file, with all that is to be said of it. */
function described(option: Option<unknown>): z.ZodType {
  const { help, expected, schema, flag, variable } = option;
  const { fallback } = option as { readonly fallback?: unknown };
  const name = flag.split(" ")[0] ?? flag;
  return schema.optional().meta({
    description: `${help}. Expected: ${expected}. The same as ${name} and ${variable}.`,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
}
