import { tell } from "./who.ts";

/** A share link, as the server tells it. */
export interface ShareLink {
  readonly id: string;
  readonly name?: string;
  readonly cameras: readonly string[];
  readonly role: "view" | "control";
  readonly maxViewers?: number;
  /** How many watch with it now. */
  readonly viewers: number;
  /** In ISO 8601. */
  readonly endsAt: string;
  readonly token: string;
}

/** What a new share link shall be. */
export interface ShareWish {
  readonly name?: string;
  readonly cameras: readonly string[];
  readonly role: "view" | "control";
  readonly maxViewers?: number;
  readonly seconds: number;
}

/** All share links. @throws an error whose message is a sentence for people */
export async function listShares(): Promise<readonly ShareLink[]> {
  const response = await fetch("shares");
  if (!response.ok) throw new Error(`The server answers with status ${response.status}`);
  return (await response.json()) as readonly ShareLink[];
}

/** Make a share link. @throws an error whose message is a sentence for people */
export async function makeShare(wish: ShareWish): Promise<ShareLink> {
  return (await (await tell("POST", "shares", wish)).json()) as ShareLink;
}

/** End a share link, and all who watch with it. @throws an error whose message is a sentence for people */
export async function revokeShare(id: string): Promise<void> {
  await tell("DELETE", `shares/${id}`);
}

/** The address to give away. */
export function addressOf({ token, cameras }: ShareLink, base: string): string {
  const url = new URL("./", base);
  url.searchParams.set("token", token);
  const [only] = cameras;
  if (cameras.length === 1 && only !== undefined) url.hash = only;
  return url.href;
}

/** How long a link still lives, as a person reads it: `5 min`, `3 h`, `12 days`. */
export function remaining(endsAt: string, nowMs: number): string {
  const minutes = Math.max(0, Math.round((Date.parse(endsAt) - nowMs) / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
