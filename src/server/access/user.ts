import type { Role } from "../../protocol/index.ts";

/** Somebody who may log in, as the config has it. */
export interface User {
  readonly name: string;
  readonly role: Role;
  /** What {@link hashPassword} made. */
  readonly password: string;
  /** The only cameras that it sees; absent: all. */
  readonly cameras?: readonly string[] | undefined;
}

/** What a user's name looks like: it stands in logs and on the page. */
export const USER_NAME: RegExp = /^[A-Za-z0-9][\w.@-]{0,63}$/;
