import { z } from "zod";
import { CAMERA_ID, Limits, ROLES, type Role } from "../protocol/index.ts";
import { readPasswordHash } from "../server/access/password.ts";
import { USER_NAME, type User } from "../server/access/user.ts";
import type { Faults } from "./config/faults.ts";
import type { Placed } from "./config/file.ts";
import { knownKeys } from "./config/keys.ts";
import type { Entry } from "./config/yaml-file.ts";

/** Users of a config file. A thousand people use an account system of their own. */
const MAX_USERS = 1000;

/** A user in the config file, below its name. */
export const USER: z.ZodType<Omit<User, "name">> = z.strictObject({
  password: z
    .string()
    .regex(/^\$scrypt\$/)
    .refine((text) => readPasswordHash(text) !== undefined)
    .meta({ description: "What `hello-websocket user add NAME` prints, never the password itself." }),
  role: z
    .enum(ROLES as [Role, ...Role[]])
    .default("view")
    .meta({ description: "What the user may do." }),
  cameras: z
    .array(z.string().regex(CAMERA_ID))
    .min(1)
    .max(Limits.MAX_CAMERAS)
    .optional()
    .meta({ description: "Ids of the only cameras that the user sees; absent: all. An admin has all." }),
});

/** All users in the config file, by name. */
export const USERS: z.ZodType<Readonly<Record<string, Omit<User, "name">>>> = z.record(
  z.string().regex(USER_NAME),
  USER.meta({ description: "A user; the key is the name to log in with." }),
);

/** What each key of a user is; ends the sentence "expected …". */
const EXPECTED: Readonly<Record<string, string>> = {
  password: "what `hello-websocket user add NAME` prints, never the password itself",
  role: ROLES.join(", "),
  cameras: 'ids of cameras, such as ["front"], or none for all of them',
};

/** Read the users of a config file. What is wrong goes to `faults`, and no sentence repeats a password. */
export function readUsers({ entries, valuePlace }: Entry, faults: Faults): readonly Placed<User>[] {
  if (entries === undefined) {
    faults.add("expected a mapping from name to user", valuePlace, "users");
    return [];
  }
  if (entries.length > MAX_USERS) {
    faults.add(`${entries.length} are too many: expected at most ${MAX_USERS}`, valuePlace, "users");
    return [];
  }
  return entries.flatMap((entry) => {
    const user = readUser(entry, faults);
    return user === undefined ? [] : [{ value: user, place: entry.place }];
  });
}

function readUser({ key: name, place, value, entries }: Entry, faults: Faults): User | undefined {
  // Whoever swaps name and password must not read it in a log.
  if (!USER_NAME.test(name)) {
    faults.add(
      "expected names of up to 64 letters, digits and . _ @ -, beginning with a letter or digit",
      place,
      "users",
    );
    return undefined;
  }
  const path = ["users", name];
  if (entries === undefined) {
    faults.add("expected password, and role and cameras if need be", place, path.join("."));
    return undefined;
  }
  const before = faults.count;
  const fields = knownKeys(entries, Object.keys(EXPECTED), path, faults);
  const read = USER.safeParse(value);
  if (read.success) {
    if (read.data.role !== "admin" || read.data.cameras === undefined) return { name, ...read.data };
    const sentence = "an admin has all cameras: expected no cameras, or another role";
    faults.add(sentence, fields.get("cameras")?.place ?? place, path.join("."));
    return undefined;
  }
  const wrong = new Set(read.error.issues.map((issue) => String(issue.path[0])));
  for (const key of Object.keys(EXPECTED).filter((known) => wrong.has(known))) {
    const at = fields.get(key);
    if (at === undefined) faults.add(`it has no ${key}: expected ${EXPECTED[key]}`, place, path.join("."));
    else
      faults.add(
        `the value is not right: expected ${EXPECTED[key]}`,
        at.valuePlace,
        [...path, key].join("."),
      );
  }
  if (faults.count === before)
    faults.add("expected password, and role and cameras if need be", place, path.join("."));
  return undefined;
}
