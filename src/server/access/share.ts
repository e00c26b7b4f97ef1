import { z } from "zod";
import { CAMERA_ID, Limits } from "../../protocol/index.ts";

/** Longest life of a share link, in ms: a year. One that shall live longer is a user's business. */
const MAX_LIFE_MS = 366 * 24 * 3600 * 1000;

/** Characters of a share link's name. */
const MAX_NAME_CHARACTERS = 100;

/** What is asked for with a new share link. */
export interface ShareWish {
  readonly cameras: readonly string[];
  readonly role: "view" | "control";
  /** Life of the link, in seconds. */
  readonly seconds: number;
  /** Who may watch at once; absent: any number. */
  readonly maxViewers?: number | undefined;
  /** For the list of links: whom it is for. */
  readonly name?: string | undefined;
}

/** A share link: who has it sees its cameras until it ends. The link itself is signed, and not kept. */
export interface Share extends Omit<ShareWish, "seconds"> {
  readonly id: string;
  readonly createdAtMs: number;
  readonly endsAtMs: number;
}

/** What an id of a share link looks like. */
export const SHARE_ID: RegExp = /^[\w-]{8,32}$/;

const facts = {
  cameras: z.array(z.string().regex(CAMERA_ID)).min(1).max(Limits.MAX_CAMERAS),
  role: z.enum(["view", "control"]),
  maxViewers: z.number().int().min(1).max(Limits.MAX_VIEWERS).optional(),
  name: z.string().min(1).max(MAX_NAME_CHARACTERS).optional(),
};

const wish = z.strictObject({
  ...facts,
  role: facts.role.default("view"),
  seconds: z
    .number()
    .min(1)
    .max(MAX_LIFE_MS / 1000),
});

/** A share link as it is kept. */
export const SHARE: z.ZodType<Share> = z.object({
  ...facts,
  id: z.string().regex(SHARE_ID),
  createdAtMs: z.number(),
  endsAtMs: z.number(),
});

const EXPECTED: Readonly<Record<string, string>> = {
  cameras: 'cameras: expected the ids of cameras, such as ["front"]',
  role: "role: expected view or control",
  seconds: `seconds: expected a number from 1 to ${MAX_LIFE_MS / 1000}`,
  maxViewers: `maxViewers: expected a whole number from 1 to ${Limits.MAX_VIEWERS}, or none`,
  name: `name: expected text of at most ${MAX_NAME_CHARACTERS} characters, or none`,
};

/** Read what is asked for, or say in a sentence what is wrong with it. */
export function readShareWish(body: unknown): ShareWish | string {
  const read = wish.safeParse(body);
  if (read.success) return read.data;
  const [key] = read.error.issues[0]?.path ?? [];
  return (
    EXPECTED[String(key)] ?? 'expected JSON such as {"cameras": ["front"], "role": "view", "seconds": 86400}'
  );
}
