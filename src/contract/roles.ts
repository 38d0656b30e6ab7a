// Defines what a caller of the API may do. Each role includes the roles before it: an operator may do what a viewer
// may.
export const ROLES = ["metrics", "viewer", "operator"] as const;
export type Role = (typeof ROLES)[number];

/** The role of a caller. Null: the caller was verified but has no role. */
export function mayActAs(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The role that may do most. Null: none is given. */
export function highestRole(roles: readonly Role[]): Role | null {
  return ROLES.findLast((role) => roles.includes(role)) ?? null;
}
