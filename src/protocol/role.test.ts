import { expect, test } from "vitest";
import { allows, isRole, ROLES } from "./role.ts";

test("each role may what it says, and an admin everything", () => {
  const table = Object.fromEntries(
    ROLES.map((role) => [role, ROLES.filter((needed) => allows(role, needed))]),
  );
  expect(table).toEqual({
    view: ["view"],
    control: ["view", "control"],
    publish: ["publish"],
    admin: ["view", "control", "publish", "admin"],
  });
});

test.each(["View", "", "owner", "toString", "__proto__"])("%j is no role", (text) => {
  expect(isRole(text)).toBe(false);
});
