import { z } from "zod";
import { CAMERA_ID, Limits, ROLES, type Role } from "../protocol/index.ts";
import { readPasswordHash } from "../server/access/password.ts";
import { USER_NAME, type User } from "../server/access/user.ts";
import { UsageError } from "./usage-error.ts";

/** Users of a config file. A thousand people use an account system of their own. */
const MAX_USERS = 1000;

/** A user in the config file, below its name. */
export const USER: z.ZodType<Omit<User, "name">> = z.strictObject({
  password: z.string().refine((text) => readPasswordHash(text) !== undefined),
  role: z.enum(ROLES as [Role, ...Role[]]).default("view"),
  cameras: z.array(z.string().regex(CAMERA_ID)).min(1).max(Limits.MAX_CAMERAS).optional(),
});

/** All users in the config file, by name. */
export const USERS: z.ZodType<Readonly<Record<string, Omit<User, "name">>>> = z.record(
  z.string().regex(USER_NAME),
  USER,
);

/** What each key of a user is; ends the sentence "expected …". */
const EXPECTED: Readonly<Record<string, string>> = {
  password: "what `hello-websocket user add NAME` prints, never the password itself",
  role: ROLES.join(", "),
  cameras: 'ids of cameras, such as ["front"], or none for all of them',
};

/**
 * Read the users of a config file.
 * @throws UsageError that names the place and what was expected, and never repeats a password
 */
export function readUsers(value: unknown, where: string): readonly User[] {
  const read = USERS.safeParse(value);
  if (!read.success) throw new UsageError(sentence(read.error.issues[0]?.path ?? [], where));
  const users = Object.entries(read.data).map(([name, user]) => ({ name, ...user }));
  if (users.length > MAX_USERS) {
    throw new UsageError(`${where}: ${users.length} are too many: expected at most ${MAX_USERS}`);
  }
  for (const { name, role, cameras } of users) {
    if (role === "admin" && cameras !== undefined) {
      throw new UsageError(
        `${where}.${name}: an admin has all cameras: expected no cameras, or another role`,
      );
    }
  }
  return users;
}

function sentence([name, key]: readonly PropertyKey[], where: string): string {
  if (name === undefined) return `${where}: expected a mapping from name to user`;
  // Whoever swaps name and password must not read it in a log.
  if (!USER_NAME.test(String(name))) {
    return `${where}: expected names of up to 64 letters, digits and . _ @ -, beginning with a letter or digit`;
  }
  const expected = key === undefined ? undefined : EXPECTED[String(key)];
  return expected === undefined
    ? `${where}.${String(name)}: expected password, and role and cameras if need be`
    : `${where}.${String(name)}.${String(key)} is not right: expected ${expected}`;
}
