/** The picture that every camera here shows. */

import { mkdirSync, writeFileSync } from "node:fs";
import { stampable, writeStamp } from "../src/lab/stamp.ts";
import { now } from "../src/protocol/index.ts";
import { noiseJpeg } from "./jpeg.ts";

/** What the stamp takes of a picture, and a comment that fills it up to its size. */
const STAMP_ROOM_BYTES = 100;

/** A file's name, and the size of the picture in it. */
export interface Picture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/** A JPEG of exactly this many bytes with a stamp, as big as a real one of that many bytes would be. */
export function picture(bytes: number): Picture {
  const folder = `${import.meta.dirname}/build`;
  const file = `${folder}/noise-${bytes}.jpg`;
  const [width, height] = bytes > 50_000 ? [1280, 720] : [320, 180];
  mkdirSync(folder, { recursive: true });
  const jpeg = stampable(noiseJpeg(width, height, bytes - STAMP_ROOM_BYTES), bytes);
  // The camera writes another into each: this one says where.
  writeStamp(jpeg, { sequence: 0, capturedAt: now() });
  writeFileSync(file, jpeg);
  return { file, width, height };
}
