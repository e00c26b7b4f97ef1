import { expect, test } from "vitest";
import { readUsers } from "./users.ts";

const password = "$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

test("users are read, and may watch if nothing else is said", () => {
  expect(
    readUsers({ anna: { password }, bo: { password, role: "control", cameras: ["front"] } }, "f: users"),
  ).toEqual([
    { name: "anna", password, role: "view" },
    { name: "bo", password, role: "control", cameras: ["front"] },
  ]);
});

test.each<[string, unknown, string]>([
  ["a list", ["anna"], "f: users: expected a mapping from name to user"],
  ["a bad name", { "an na": { password } }, "f: users: expected names of up to 64 letters"],
  [
    "no password",
    { anna: {} },
    "f: users.anna.password is not right: expected what `hello-websocket user add NAME`",
  ],
  ["a plain password", { anna: { password: "hunter2!" } }, "f: users.anna.password is not right"],
  [
    "an unknown role",
    { anna: { password, role: "root" } },
    "f: users.anna.role is not right: expected view, control",
  ],
  [
    "no camera",
    { anna: { password, cameras: [] } },
    "f: users.anna.cameras is not right: expected ids of cameras",
  ],
  ["an unknown key", { anna: { password, colour: "red" } }, "f: users.anna: expected password, and role"],
  ["a text for a user", { anna: "hunter2!" }, "f: users.anna: expected password, and role"],
  [
    "an admin of one camera",
    { a: { password, role: "admin", cameras: ["x"] } },
    "f: users.a: an admin has all cameras",
  ],
])("%s is refused in a sentence that repeats no password", (_, value, sentence) => {
  expect(() => readUsers(value, "f: users")).toThrow(sentence);
  expect(() => readUsers(value, "f: users")).not.toThrow(/hunter2/);
});
