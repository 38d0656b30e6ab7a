// The Worker's HTTP side: one route table, one try/catch. A request also wakes the clocks of the registry and of Coverage, at most once a second. An answer never
// contains the text of a thrown error; the log does.
import { Router, type IRequest, type RequestHandler } from "itty-router";
import { mayActAs } from "../contract/roles.ts";
import { checkConfig, logLevelOf } from "../platform/config.ts";
import { credentialsOf } from "../platform/credentials.ts";
import type { Env } from "../platform/env.ts";
import { createLog, type Log } from "../platform/log.ts";
import { warnOfMisspeltVars } from "../platform/misspelt-vars.ts";
import { isObjectUnavailable } from "../platform/object-errors.ts";
import { withAnswerHeaders } from "./answer-headers.ts";
import { showAutoReplay, switchAutoReplay } from "./queue/auto-replay.ts";
import { authenticate, type CallerAnswer } from "./access/auth.ts";
import { answer, contextOf, type HttpContext } from "./context.ts";
import { listCoverageFiles, refreshCoverage, showCoverage } from "./bucket/coverage.ts";
import { showDoctor, showUnusable } from "./doctor/show-doctor.ts";
import { exportEvidence } from "./runs/evidence.ts";
import { exportLedger } from "./runs/ledger-export.ts";
import { refuseParameters } from "./requests/list-query.ts";
import { showMe } from "./access/me.ts";
import { showMetrics, showMetricsDisabled } from "./metrics/show-metrics.ts";
import { showNotifications, testNotifications } from "./deployment/notifications.ts";
import { showApiDocument } from "./page/api-document.ts";
import { showMap } from "./runs/run-map.ts";
import { operator } from "./runs/operate.ts";
import { isPagePath, showPage } from "./page/page.ts";
import { planRun } from "./plan/plan-run.ts";
import { problem } from "./problems/problems.ts";
import { findRay } from "./runs/rays.ts";
import { refuseSize } from "./requests/request-limits.ts";
import { neededRole } from "./route-roles.ts";
import type { HandledRoute } from "./route-table.ts";
import {
  abortRun, listBatches, listEvents, listFiles, listRuns, listSamples, showRun, showSeries,
} from "./runs/runs.ts"; // prettier-ignore
import { showSample } from "./runs/sample-lines.ts";
import { showStats } from "./deployment/stats.ts";
import { startRun } from "./runs/start-run.ts";
import { showSystem } from "./deployment/system.ts";
import {
  cancelWindow, listWindows, moveWindow, pauseWindows, postWindows, resumeWindows, showWindow,
} from "./queue/windows.ts"; // prettier-ignore

const HEALTH_PATH = "/health";
/** GET /metrics. The route answers also while the configuration cannot be used, because the metrics must show this
 * fault. */
const METRICS = "GET /metrics";
/** GET /doctor. The route answers also while the configuration cannot be used, and shows what is wrong. */
const DOCTOR = "GET /doctor";
/** GET /me. The route changes nothing, but shows the actor that a change would have. */
const NAMES_ACTOR = "GET /me";

/** The handler of each route in ROUTE_TABLE. The compiler demands all of them. */
const HANDLERS: Record<HandledRoute, RequestHandler<IRequest, [HttpContext]>> = {
  "GET /metrics": showMetrics,
  "GET /me": showMe,
  "GET /system": showSystem,
  "GET /doctor": showDoctor,
  "GET /openapi.json": showApiDocument,
  "POST /runs": startRun,
  "POST /runs/plan": planRun,
  "GET /runs": listRuns,
  "GET /runs/:id": showRun,
  "GET /runs/:id/files": listFiles,
  "GET /runs/:id/batches": listBatches,
  "GET /runs/:id/events": listEvents,
  "GET /runs/:id/samples": listSamples,
  "GET /runs/:id/sample": showSample,
  "GET /runs/:id/series": showSeries,
  "GET /stats": showStats,
  "GET /runs/:id/map": showMap,
  "GET /runs/:id/rays/:ray": findRay,
  "GET /runs/:id/ledger": exportLedger,
  "GET /runs/:id/evidence.zip": exportEvidence,
  "DELETE /runs/:id": abortRun,
  "PATCH /runs/:id": operator("patch"),
  "POST /runs/:id/accept": operator("accept_codes"),
  "POST /runs/:id/late/take": operator("take_late"),
  "POST /runs/:id/retry": operator("retry_all"),
  "POST /runs/:id/pause": operator("pause"),
  "POST /runs/:id/resume": operator("resume"),
  "POST /runs/:id/verify": operator("verify"),
  "POST /runs/:id/files/:file/retry": operator("retry_file", "file"),
  "POST /runs/:id/files/:file/accept": operator("accept_file", "file"),
  "POST /runs/:id/batches/:batch/retry": operator("retry_batch", "batch"),
  "POST /runs/:id/batches/:batch/resolve": operator("resolve_batch", "batch"),
  "POST /windows": postWindows,
  "GET /windows": listWindows,
  "POST /windows/pause": pauseWindows,
  "POST /windows/resume": resumeWindows,
  "GET /windows/:id": showWindow,
  "DELETE /windows/:id": cancelWindow,
  "POST /windows/:id/move": moveWindow,
  "GET /coverage": showCoverage,
  "GET /coverage/files": listCoverageFiles,
  "POST /coverage/refresh": refreshCoverage,
  "GET /auto-replay": showAutoReplay,
  "POST /auto-replay": switchAutoReplay,
  "GET /notifications": showNotifications,
  "POST /notifications/test": testNotifications,
};

/** Exported for the tests that call every route. */
export const routes = Router<IRequest, [HttpContext]>();
for (const [route, handler] of Object.entries(HANDLERS)) {
  const [method = "", path = ""] = route.split(" ");
  routes[method.toLowerCase()]?.(path, handler);
}

export async function handleRequest(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const log = createLog(logLevelOf(env));
  warnOfMisspeltVars(env, log);
  try {
    // HEAD is GET without the body.
    if (request.method !== "HEAD") return withAnswerHeaders(await respond(request, env, ctx, log));
    // Drops the body: a GET request with a body cannot be constructed.
    const asGet = new Request(request.url, { method: "GET", headers: request.headers });
    return withAnswerHeaders(new Response(null, await respond(asGet, env, ctx, log)));
  } catch (error) {
    const { pathname } = new URL(request.url);
    if (isObjectUnavailable(error)) {
      log("warn", "http.object_unavailable", { method: request.method, path: pathname, error });
      return withAnswerHeaders(problem({ code: "object_unavailable" }));
    }
    log("error", "http.unexpected", { method: request.method, path: pathname, error });
    return withAnswerHeaders(problem({ code: "internal_error" }));
  }
}

async function respond(request: Request, env: Env, ctx: ExecutionContext, log: Log): Promise<Response> {
  const url = new URL(request.url);
  const tooLarge = refuseSize(url, request.headers);
  if (tooLarge) return problem(tooLarge);
  if (url.pathname === HEALTH_PATH) return health(request, env, ctx, log);
  if (isPagePath(url.pathname)) return showPage(request, env);
  const permitted = await permit(request, env, log);
  if (!permitted.ok) return problem(permitted.refusal);
  const checked = checkConfig(env);
  if (!checked.ok) {
    // Failed requests of other callers are not logged, because such callers could fill the log.
    log("error", "http.bad_configuration", { faults: checked.faults });
    const route = routeOf(request);
    if (route === METRICS) return showMetricsDisabled(request, env, log);
    if (route === DOCTOR) return showUnusable(env, checked.faults);
    return problem({ code: "bad_configuration", faults: checked.faults });
  }
  const context = { ...contextOf(env, checked.config, ctx, log), caller: permitted.caller };
  const found: Response | undefined = await routes.fetch(request, context);
  return found ?? notFound(url.pathname);
}

/** Everyone may use this route, so it shows only whether the configuration is valid. */
function health(request: Request, env: Env, ctx: ExecutionContext, log: Log): Response {
  if (request.method !== "GET") return problem({ code: "method_not_allowed", allow: ["GET", "HEAD"] });
  const parameters = refuseParameters(new URL(request.url).searchParams);
  if (parameters) return problem(parameters);
  const checked = checkConfig(env);
  if (!checked.ok) return answer(500, { ok: false });
  contextOf(env, checked.config, ctx, log);
  return answer(200, { ok: true });
}

/** Finds out who the caller is, and whether the caller's role allows the route. */
async function permit(request: Request, env: Env, log: Log): Promise<CallerAnswer> {
  const route = routeOf(request);
  const namesActor = request.method !== "GET" || route === NAMES_ACTOR;
  const asking = { credentials: credentialsOf(env), namesActor, now: Date.now(), log };
  const known = await authenticate(request, asking);
  if (!known.ok) return known;
  const needed = neededRole(route);
  const { role } = known.caller;
  return mayActAs(role, needed) ? known : { ok: false, refusal: { code: "not_allowed", needed, role } };
}

/** The route that will answer, as a method and a path with parameters. Null: no route answers. */
function routeOf({ method, url }: Request): string | null {
  const { pathname } = new URL(url);
  const found = routes.routes.find(([taken, pattern]) => taken === method && pattern.test(pathname));
  return found ? `${found[0]} ${found[3]}` : null;
}

/** The answer when no route matched: 404 for an unknown path, 405 for a wrong method. */
function notFound(pathname: string): Response {
  const methods = routes.routes.filter(([, pattern]) => pattern.test(pathname)).map(([method]) => method);
  if (methods.length === 0) return problem({ code: "no_such_route" });
  const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return problem({ code: "method_not_allowed", allow });
}
