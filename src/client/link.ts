import type { Role } from "../protocol/index.ts";

/**
 * How the connection to the server stands. `connecting`: the first attempt. `open`: the server has answered.
 * `lost`: it is closed and tried again for ever. `closed`: nobody wants it any more.
 */
export type LinkState = "connecting" | "open" | "lost" | "closed";

/** The connection to the server, as it stands now. */
export interface Link {
  readonly state: LinkState;
  /** Since when, in ms since the epoch on this machine's clock. */
  readonly sinceMs: number;
  /** With `lost`: why, in one sentence. */
  readonly reason?: string | undefined;
  /** With `open`: what one may do here, as far as the server says. */
  readonly role?: Role | undefined;
}

/** What a close code means to a person; `docs/protocol.md` lists them. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [1001, "The server is restarting"],
  [1003, "The server did not expect a message of this page"],
  [1009, "The server refused a message as too large"],
  [4400, "The server could not read a message of this page"],
  [4401, "The access to this server has ended"],
  [4406, "The server speaks another version: reload the page"],
  [4408, "The server closed a connection that did not answer"],
  [4413, "A limit of the server is reached"],
  [4429, "The server refused a flood of messages"],
]);

/** Why a connection was closed, in one sentence. The server's own words stand behind it, if it sent any. */
export function closeReason(code: number, words: string): string {
  const reason =
    REASONS.get(code) ?? (code === 1006 || code === 1000 ? undefined : `Closed with code ${code}`);
  if (reason === undefined) return words === "" ? "The server does not answer" : words;
  return words === "" ? reason : `${reason} (${words})`;
}
