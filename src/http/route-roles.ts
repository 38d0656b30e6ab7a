// Finds which role each route needs, from the table of routes.
import type { Role } from "../contract/roles.ts";
import { ROUTE_TABLE, type RouteEntry } from "./route-table.ts";

const ENTRIES: [string, RouteEntry][] = Object.entries(ROUTE_TABLE);
const NEEDED = ENTRIES.flatMap(([route, { role }]) => (role === null ? [] : [[route, role] as const]));

export const ROUTE_ROLES: Readonly<Record<string, Role>> = Object.fromEntries(NEEDED);

/** The role for a route. `route` is the method and the path with parameters, or null for an unknown route. */
export function neededRole(route: string | null): Role {
  // A route without an entry must not be open by mistake.
  return route === null ? "metrics" : (ROUTE_ROLES[route] ?? "operator");
}
