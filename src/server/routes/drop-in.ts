import type { FastifyInstance } from "fastify";
import type { Census } from "../census.ts";
import type { Pictures } from "../pictures.ts";
import { go2rtcRoutes } from "./go2rtc.ts";
import { mjpgStreamerRoutes } from "./mjpg-streamer.ts";
import { ustreamerRoutes } from "./ustreamer.ts";

/**
 * The addresses of the streamers that printer, home and vision software knows, answered as those do. Each takes the camera that
 * `?camera=ID` names, beside its own way to say it.
 */
export function dropInRoutes(app: FastifyInstance, pictures: Pictures, census: Census): void {
  mjpgStreamerRoutes(app, pictures);
  ustreamerRoutes(app, pictures, census);
  go2rtcRoutes(app, pictures, census);
}
