// The descriptions of all routes. The compiler demands one for each route in the route table.
import type { RouteName } from "../../src/http/route-table.ts";
import type { RouteDoc } from "./route-doc.ts";
import { COMMAND_ROUTES } from "./routes/commands.ts";
import { COVERAGE_ROUTES } from "./routes/coverage.ts";
import { DEPLOYMENT_ROUTES } from "./routes/deployment.ts";
import { LEDGER_ROUTES } from "./routes/ledger.ts";
import { NOTIFICATION_ROUTES } from "./routes/notifications.ts";
import { RUN_ROUTES } from "./routes/runs.ts";
import { WINDOW_ROUTES } from "./routes/windows.ts";

export const ROUTE_DOCS: Readonly<Record<RouteName, RouteDoc>> = {
  ...DEPLOYMENT_ROUTES,
  ...RUN_ROUTES,
  ...LEDGER_ROUTES,
  ...COMMAND_ROUTES,
  ...WINDOW_ROUTES,
  ...COVERAGE_ROUTES,
  ...NOTIFICATION_ROUTES,
};
