import { z } from "zod";
import { CAMERA_ID, Limits, TRACK_NAME } from "../../protocol/index.ts";

const id = z.string().regex(CAMERA_ID).describe("id of a camera");
const text = z.string().max(Limits.MAX_TEXT_CHARACTERS);
const time = z.iso.datetime();
const count = z.int().min(0);

const track = z.object({
  name: z.string().regex(TRACK_NAME),
  codec: z.string().describe("jpeg, or a codec string as WebCodecs takes it"),
  width: z.number().optional().describe("pixels; absent until the camera was opened once"),
  height: z.number().optional().describe("pixels; absent until the camera was opened once"),
  rate: z.number().optional().describe("frames per second that the source promises"),
  bitrate: z.number().optional().describe("bits per second that the encoder keeps below"),
});

const camera = z.object({
  id,
  name: text,
  source: text.describe("where its frames come from, without any password"),
  state: z
    .enum(["closed", "opening", "live", "stalled", "gone"])
    .describe(
      "closed: nobody watches, the device is released; stalled and gone: it is tried again until it works",
    ),
  since: time.describe("since when it is in this state"),
  reason: text.optional().describe("why, with stalled and gone"),
  lastFrameAt: time.optional().describe("when its last good frame was captured; absent while it is live"),
  attempts: count.optional().describe("how often it was tried in vain since it was well"),
  settledAt: time.optional().describe("frames captured before were taken while its exposure settled"),
  tracks: z.array(track),
});

const control = z.object({
  name: z.string(),
  kind: z.enum(["range", "switch", "menu", "button"]),
  min: z.int(),
  max: z.int(),
  step: z.int(),
  default: z.int(),
  value: z.int(),
  choices: z.array(z.object({ value: z.int(), label: z.string() })).optional(),
  inactive: z.boolean().optional().describe("another control decides"),
});

const streamClient = z.object({
  fps: count,
  extra_headers: z.boolean(),
  advance_headers: z.boolean(),
  dual_final_frames: z.boolean(),
  zero_data: z.boolean(),
  key: z.string(),
});

const go2rtcStream = z.object({
  producers: z.array(z.object({ url: text })),
  consumers: z.array(z.object({ format_name: z.string(), viewers: count })),
});

const role = z.enum(["view", "control", "publish", "admin"]);

const share = {
  cameras: z.array(id).min(1),
  role: z.enum(["view", "control"]).optional().describe("view, if it is left out"),
  maxViewers: z.int().min(1).optional().describe("who may watch at once; absent: any number"),
  name: z.string().optional().describe("whom it is for"),
};

const shareFacts = z.object({
  ...share,
  id: z.string(),
  viewers: count.describe("who watch with it"),
  createdAt: time,
  endsAt: time,
  token: z.string().describe("for the link, or for Authorization: Bearer"),
});

/** The name of one of {@link SCHEMAS}. */
export type SchemaName =
  | "Error"
  | "Track"
  | "Camera"
  | "Cameras"
  | "CameraFacts"
  | "Controls"
  | "ControlValues"
  | "Session"
  | "Login"
  | "ShareWish"
  | "Share"
  | "Shares"
  | "Arrival"
  | "Health"
  | "Failure"
  | "Ready"
  | "Unready"
  | "UStreamerState"
  | "UStreamerError"
  | "Go2rtcStreams";

/** The shapes of what is asked and answered, by the name that the document gives them. */
export const SCHEMAS: Readonly<Record<SchemaName, z.ZodType>> = {
  Error: z.object({ error: z.string().describe("one sentence for people") }),
  Track: track,
  Camera: camera,
  Cameras: z.array(camera),
  CameraFacts: camera.extend({
    tracks: z.array(
      track.extend({
        framesPerSecond: z.number().optional().describe("present where somebody takes the track"),
        bytesPerSecond: count.optional(),
        viewers: count.optional(),
        overwritten: count.optional().describe("frames replaced before anybody took them"),
        sequence: count.optional().describe("of the newest frame"),
        ageMs: z.int().optional().describe("of the newest frame"),
      }),
    ),
  }),
  Controls: z.array(control),
  ControlValues: z.record(z.string(), z.int()).describe('values by name, such as {"brightness": 128}'),
  Session: z.object({
    role: role.optional(),
    user: z.string().optional().describe("its name, where it has one"),
    cameras: z.array(id).optional().describe("the only ones that it sees; absent: all"),
    endsAt: time.optional().describe("when its access ends by itself"),
    session: z.boolean().optional().describe("whether it can log out"),
    shares: z.boolean().optional().describe("whether there is something to share"),
    users: z.boolean().optional().describe("without a role: whether anybody can log in by name"),
  }),
  Login: z.union([
    z.object({ name: z.string().min(1), password: z.string().min(1) }),
    z.object({ token: z.string().min(1) }),
  ]),
  ShareWish: z.object({ ...share, seconds: z.number().min(1).describe("life of the link") }),
  Share: shareFacts,
  Shares: z.array(shareFacts),
  Arrival: z.object({
    address: z.string().describe("of the client"),
    peer: z.string().describe("of the other end of the connection"),
    scheme: z.enum(["http", "https"]),
    path: z.string().describe("below which the client finds this server"),
    trusted: z.boolean().describe("whether the peer is a proxy that is believed"),
    forwarded: z.array(z.string()).describe("headers of proxies that came"),
    host: z.string().optional(),
    origin: z.string().optional(),
  }),
  Health: z.union([
    z.object({
      status: z.literal("ok"),
      cameras: count,
      live: count,
      viewers: count.optional().describe("absent for who sees only some of the cameras"),
    }),
    z.object({
      status: z.literal("ok"),
      camera: id,
      state: z.string(),
      ageMs: count.optional().describe("of the newest picture, where maxAge was asked for"),
    }),
  ]),
  Failure: z.object({
    status: z.literal("failed"),
    camera: id,
    state: z.string(),
    ageMs: count.optional(),
    reason: z.string(),
  }),
  Ready: z.object({ status: z.literal("ready") }),
  Unready: z.object({ status: z.literal("not ready"), reason: z.string() }),
  UStreamerState: z.object({
    ok: z.literal(true),
    result: z.object({
      instance_id: id,
      encoder: z.object({ type: z.string(), quality: count }),
      source: z.object({
        resolution: z.object({ width: count, height: count }),
        online: z.boolean(),
        desired_fps: count,
        captured_fps: count,
      }),
      stream: z.object({
        queued_fps: count,
        clients: count,
        clients_stat: z.record(z.string(), streamClient),
      }),
    }),
  }),
  UStreamerError: z.object({
    ok: z.literal(false),
    result: z.object({ error: z.string(), error_msg: z.string() }),
  }),
  Go2rtcStreams: z.union([go2rtcStream, z.record(z.string(), go2rtcStream)]),
};
