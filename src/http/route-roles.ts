// Which role each route needs. Viewers read everything and change nothing. A query that costs money, such as a plan, is
// the operator's. test/unit/docs/reference.test.ts fails for a route without an entry.
import type { Role } from "../contract/roles.ts";

export const ROUTE_ROLES: Readonly<Record<string, Role>> = {
  // Decided before the route exists, so that a token of this role already opens nothing else.
  "GET /metrics": "metrics",
  "GET /me": "viewer",
  "POST /runs": "operator",
  "POST /runs/plan": "operator",
  "GET /runs": "viewer",
  "GET /runs/:id": "viewer",
  "GET /runs/:id/files": "viewer",
  "GET /runs/:id/batches": "viewer",
  "GET /runs/:id/events": "viewer",
  "GET /runs/:id/samples": "viewer",
  "GET /runs/:id/sample": "viewer",
  "GET /runs/:id/rays/:ray": "operator",
  "GET /runs/:id/ledger": "viewer",
  "GET /runs/:id/evidence.zip": "viewer",
  "DELETE /runs/:id": "operator",
  "PATCH /runs/:id": "operator",
  "POST /runs/:id/accept": "operator",
  "POST /runs/:id/late/take": "operator",
  "POST /runs/:id/retry": "operator",
  "POST /runs/:id/pause": "operator",
  "POST /runs/:id/resume": "operator",
  "POST /runs/:id/verify": "operator",
  "POST /runs/:id/files/:file/retry": "operator",
  "POST /runs/:id/files/:file/accept": "operator",
  "POST /runs/:id/batches/:batch/retry": "operator",
  "POST /runs/:id/batches/:batch/resolve": "operator",
  "POST /windows": "operator",
  "GET /windows": "viewer",
  "POST /windows/pause": "operator",
  "POST /windows/resume": "operator",
  "GET /windows/:id": "viewer",
  "DELETE /windows/:id": "operator",
  "POST /windows/:id/move": "operator",
  "GET /coverage": "viewer",
  "GET /coverage/files": "viewer",
  "POST /coverage/refresh": "operator",
  "GET /auto-replay": "viewer",
  "POST /auto-replay": "operator",
};

/** The role for a route. `route` is the method and the path with parameters, or null for an unknown route. */
export function neededRole(route: string | null): Role {
  // A route without an entry must not be open by mistake.
  return route === null ? "metrics" : (ROUTE_ROLES[route] ?? "operator");
}
