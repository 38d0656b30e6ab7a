// The one table of routes. The router demands a handler for each route, and the API document demands a description. Plain
// data: the Worker reads only the roles.
import type { Role } from "../contract/roles.ts";

export interface RouteEntry {
  /** The least role that may use the route. Null: the route needs no credential. */
  role: Role | null;
  /** What the route does, as an imperative sentence without its full stop. */
  summary: string;
}

/** Routes by method and path with parameters. Viewers read everything and change nothing. A query that costs money, such
 * as a plan, is the operator's. */
export const ROUTE_TABLE = {
  "GET /health": { role: null, summary: "Say whether the configuration can be used" },
  "GET /metrics": { role: "metrics", summary: "Answer with metrics for Prometheus" },
  "GET /me": { role: "viewer", summary: "Show the caller's actor and role" },
  "GET /system": { role: "viewer", summary: "Show what the deployment is set to" },
  "GET /openapi.json": { role: "viewer", summary: "Show the OpenAPI document of this API" },
  "GET /doctor": { role: "operator", summary: "Check what the deployment depends on" },
  "POST /runs": { role: "operator", summary: "Start a run" },
  "POST /runs/plan": { role: "operator", summary: "Estimate a run and start nothing" },
  "GET /runs": { role: "viewer", summary: "List runs, newest first" },
  "GET /runs/:id": { role: "viewer", summary: "Show the run's status" },
  "GET /runs/:id/files": { role: "viewer", summary: "List files" },
  "GET /runs/:id/batches": { role: "viewer", summary: "List batches" },
  "GET /runs/:id/events": { role: "viewer", summary: "List the audit trail" },
  "GET /runs/:id/samples": { role: "viewer", summary: "List malformed lines" },
  "GET /runs/:id/sample": { role: "viewer", summary: "Show lines as the receiver gets them" },
  "GET /runs/:id/series": { role: "viewer", summary: "Show the rate over time" },
  "GET /runs/:id/map": { role: "viewer", summary: "Show the files over the window" },
  "GET /runs/:id/rays/:ray": { role: "operator", summary: "Show whether one request was sent" },
  "GET /stats": { role: "viewer", summary: "Show totals over runs" },
  "GET /runs/:id/ledger": { role: "viewer", summary: "Export every file and batch as NDJSON" },
  "GET /runs/:id/evidence.zip": { role: "viewer", summary: "Export the evidence of an ended run" },
  "DELETE /runs/:id": { role: "operator", summary: "Abort the run" },
  "PATCH /runs/:id": { role: "operator", summary: "Change limits" },
  "POST /runs/:id/accept": { role: "operator", summary: "Settle a code of the run" },
  "POST /runs/:id/late/take": { role: "operator", summary: "Add late files to the run" },
  "POST /runs/:id/retry": { role: "operator", summary: "Retry everything that failed" },
  "POST /runs/:id/pause": { role: "operator", summary: "Stop sending" },
  "POST /runs/:id/resume": { role: "operator", summary: "End a pause, or decide about answers" },
  "POST /runs/:id/verify": { role: "operator", summary: "Recount the run's own rows" },
  "POST /runs/:id/files/:file/retry": { role: "operator", summary: "Parse a file again" },
  "POST /runs/:id/files/:file/accept": { role: "operator", summary: "Settle a file as it is" },
  "POST /runs/:id/batches/:batch/retry": { role: "operator", summary: "Send a batch again" },
  "POST /runs/:id/batches/:batch/resolve": { role: "operator", summary: "Settle a batch by hand" },
  "POST /windows": { role: "operator", summary: "Queue windows" },
  "GET /windows": { role: "viewer", summary: "List the window queue" },
  "POST /windows/pause": { role: "operator", summary: "Start no further window" },
  "POST /windows/resume": { role: "operator", summary: "Start windows again" },
  "GET /windows/:id": { role: "viewer", summary: "Show a window, with its events" },
  "DELETE /windows/:id": { role: "operator", summary: "Cancel a window" },
  "POST /windows/:id/move": { role: "operator", summary: "Let a window start before or after another" },
  "GET /coverage": { role: "viewer", summary: "Show what the live worker delivered" },
  "GET /coverage/files": { role: "viewer", summary: "Show by file what the live worker delivered" },
  "POST /coverage/refresh": { role: "operator", summary: "List a range again" },
  "GET /auto-replay": { role: "viewer", summary: "Show what watching for holes found" },
  "POST /auto-replay": { role: "operator", summary: "Switch watching for holes" },
  "GET /notifications": { role: "viewer", summary: "Show channels and the outcomes of notifications" },
  "POST /notifications/test": { role: "operator", summary: "Send a test message" },
} as const satisfies Record<string, RouteEntry>;

export type RouteName = keyof typeof ROUTE_TABLE;

/** Answered before authentication, so the router has no handler for it. */
export type HandledRoute = Exclude<RouteName, "GET /health">;

export const ROUTE_NAMES = Object.keys(ROUTE_TABLE) as RouteName[];
