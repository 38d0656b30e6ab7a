// The role of a caller whom Access verified, by ACCESS_ROLES. The most specific entry counts: the e-mail, else the
// groups, else the domain. So one person may have a lower role than the domain. Does no I/O.
import { highestRole, type Role } from "../../contract/roles.ts";
import type { AccessRoles } from "../../platform/role-kinds.ts";

/** A verified caller. `name` is an e-mail, or the common name of a service token or of a client certificate. */
export interface Identity {
  kind: "person" | "service";
  name: string;
  groups: readonly string[];
}

const EMAIL = /^(?!group:)[^@]+@[^@]+$/;

/** The role that ACCESS_ROLES gives to an identity. Null: no entry fits. */
export function roleOf({ kind, name, groups }: Identity, roles: AccessRoles): Role | null {
  // The common name of a certificate may look like an e-mail or like a group. Such a name gets no role, because the
  // role of that e-mail or group is not the certificate's.
  if (kind === "service") return /@|^group:/.test(name) ? null : (roles.get(name) ?? null);
  const email = EMAIL.test(name) ? name.toLowerCase() : null;
  const byEmail = email === null ? undefined : roles.get(email);
  const byGroup = groups.map((group) => roles.get(`group:${group}`)).filter((role) => role !== undefined);
  const byDomain = email === null ? undefined : roles.get(email.slice(email.indexOf("@")));
  return byEmail ?? highestRole(byGroup) ?? byDomain ?? null;
}
