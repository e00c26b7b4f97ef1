import { createInterface } from "node:readline";
import { isCameraId, isRole, ROLES } from "../protocol/index.ts";
import { hashPassword, MAX_PASSWORD_CHARACTERS } from "../server/access/password.ts";
import { USER_NAME } from "../server/access/user.ts";
import { UsageError } from "./usage-error.ts";

/** Characters of the shortest password that is taken, as NIST has it. */
const MIN_PASSWORD_CHARACTERS = 8;

/** What may be said of a user. */
export interface UserFlags {
  readonly role?: string | undefined;
  readonly camera?: readonly string[] | undefined;
}

/**
 * `user add NAME`: the lines of the config file with which somebody may log in. The password is read from the terminal, where it is not
 * shown, or from a first line of input.
 * @throws UsageError
 */
export async function addUser(name: string, flags: UserFlags, say: (line: string) => void): Promise<void> {
  const { role = "view", camera = [] } = flags;
  if (!USER_NAME.test(name)) {
    throw new UsageError("the name is not right: expected up to 64 letters, digits and . _ @ -");
  }
  if (!isRole(role)) throw new UsageError(`--role: "${role}" is not right: expected ${ROLES.join(", ")}`);
  for (const id of camera) {
    if (!isCameraId(id)) throw new UsageError(`--camera: "${id}" is not right: expected a camera's id`);
  }
  if (role === "admin" && camera.length > 0) {
    throw new UsageError("--camera: an admin has all cameras: expected none, or another role");
  }
  const password = await readPassword(name);
  if (password.length < MIN_PASSWORD_CHARACTERS || password.length > MAX_PASSWORD_CHARACTERS) {
    throw new UsageError(
      `the password is not right: expected ${MIN_PASSWORD_CHARACTERS} to ${MAX_PASSWORD_CHARACTERS} characters`,
    );
  }
  say("users:");
  say(`  ${/^[A-Za-z]/.test(name) ? name : JSON.stringify(name)}:`);
  say(`    password: ${await hashPassword(password)}`);
  say(`    role: ${role}`);
  if (camera.length > 0) say(`    cameras: [${camera.join(", ")}]`);
}

/** A line of input. What is typed on a terminal is not shown. */
async function readPassword(name: string): Promise<string> {
  const { stdin, stderr } = process;
  const hidden = stdin.isTTY === true;
  if (hidden) stderr.write(`Password of ${name}: `);
  const lines = createInterface({ input: stdin, terminal: hidden });
  try {
    for await (const line of lines) return line;
    return "";
  } finally {
    lines.close();
    if (hidden) stderr.write("\n");
  }
}
