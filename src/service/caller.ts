// Finds out who calls the service, and what the caller may do. The name comes from `props` of the caller's service
// binding. Only people who may deploy Workers of this account can set `props`. Does no I/O.
import { mayActAs } from "../contract/roles.ts";
import type { ServiceRefusal, ServiceRole } from "../contract/service.ts";
import { isPrintable } from "../http/access/access.ts";

export type BindingRoles = Readonly<Record<string, ServiceRole>>;

export type CallerAnswer = { ok: true; actor: string } | ServiceRefusal;

const MAX_NAME = 100;
/** The prefix of callers over a binding. No name of an HTTP caller begins with it. */
const PREFIX = "binding:";

/** Checks the caller's role. `roles` null: BINDING_ROLES is not set, so no caller has a role. */
export function callerOf(props: unknown, roles: BindingRoles | null, needed: ServiceRole): CallerAnswer {
  const name = nameIn(props);
  if (name === null) {
    const detail = `the service binding has no usable name; set props = { name = "…" }, at most ${MAX_NAME} printable characters`;
    return { ok: false, code: "unknown_caller", detail };
  }
  const role = roles !== null && Object.hasOwn(roles, name) ? roles[name] : undefined;
  if (role === undefined)
    return {
      ok: false,
      code: "unknown_caller",
      detail: `BINDING_ROLES gives ${JSON.stringify(name)} no role`,
    };
  if (!mayActAs(role, needed)) {
    const detail = `${JSON.stringify(name)} is a ${role}; this method needs the role ${needed}`;
    return { ok: false, code: "not_allowed", detail };
  }
  return { ok: true, actor: PREFIX + name };
}

function nameIn(props: unknown): string | null {
  if (typeof props !== "object" || props === null || !Object.hasOwn(props, "name")) return null;
  const { name } = props as { name: unknown };
  return isPrintable(name, MAX_NAME) ? name : null;
}
