import type { Role } from "../../protocol/index.ts";

/** Who has passed the gate, and what it may. */
export interface Visitor {
  readonly role: Role;
  /** The only ones that it sees; `undefined`: all. */
  readonly cameras: ReadonlySet<string> | undefined;
  /** Name of a user of the config. */
  readonly user?: string | undefined;
  /** The share link that it came with. */
  readonly share?: string | undefined;
  /** Its session, where it came with a cookie. */
  readonly session?: string | undefined;
  /** What it came with, as {@link Gate} knows it again: another password ends its access. */
  readonly fingerprint?: string | undefined;
  /** It was not asked who it is, since nobody had to say: it must when that changes. */
  readonly unasked?: boolean | undefined;
  /** When its access ends by itself; `undefined`: never. */
  readonly endsAtMs?: number | undefined;
}

/** Who has the server's own token. */
export const OWNER: Visitor = Object.freeze({ role: "admin", cameras: undefined });

/** Who comes to a server that only this machine reaches, and that asks nobody. */
export const NEIGHBOUR: Visitor = Object.freeze({ ...OWNER, unasked: true });

/** Whether a visitor sees a camera. */
export function sees({ cameras }: Pick<Visitor, "cameras">, camera: string): boolean {
  return cameras === undefined || cameras.has(camera);
}
