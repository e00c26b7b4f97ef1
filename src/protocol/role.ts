/**
 * What somebody may do. `view`: watch. `control`: watch, and change what can be adjusted of a camera. `publish`: bring frames in
 * over the network, and nothing else: a recorder in the field opens nothing to who steals it. `admin`: everything, and give
 * access to others.
 */
export type Role = "view" | "control" | "publish" | "admin";

const GRANTS: { readonly [role in Role]: readonly Role[] } = {
  view: ["view"],
  control: ["view", "control"],
  publish: ["publish"],
  admin: ["view", "control", "publish", "admin"],
};

/** All roles. */
export const ROLES: readonly Role[] = Object.keys(GRANTS) as Role[];

/** Whether `text` names a role. */
export function isRole(text: string): text is Role {
  return Object.hasOwn(GRANTS, text);
}

/** Whether who has `role` may do what needs the role `needed`. */
export function allows(role: Role, needed: Role): boolean {
  return GRANTS[role].includes(needed);
}
