// Code that all routes about one run share: they read the run's id, and answer with a page or a refusal. A call to
// a Durable Object creates it. So the registry must list the id before the API calls the run's Durable Object.
import type { BackfillRunApi } from "../../contract/run.ts";
import type { Page, Refused } from "../../contract/states.ts";
import type { RunStatus } from "../../contract/views.ts";
import { isRunId } from "../../contract/run-id.ts";
import { runObject } from "../../platform/objects.ts";
import { answer, type Context } from "../context.ts";
import { isListed } from "../known-runs.ts";
import { badCursor } from "../requests/list-query.ts";
import { forRun } from "../registries.ts";
import { problem, type Refusal } from "../problems/problems.ts";

/** The part of a routed request that the handlers read. */
export interface RunRoute {
  url: string;
  headers: Headers;
  params: Record<string, string>;
}

/** Calls `ask` for the run of the route. `ask` gets the context for the receiver of the run. */
export async function withRun<Base extends Context>(
  { params }: RunRoute,
  context: Base,
  ask: (run: BackfillRunApi, id: string, context: Base) => Promise<Response>,
): Promise<Response> {
  const id = params["id"] ?? "";
  const own = await listedRun(id, context);
  if (own === null) return problem({ code: "unknown_run", run: id });
  return ask(runObject(context.env, id), id, own);
}

/** The context for the receiver of the run. Null: no run has this id. */
async function listedRun<Base extends Context>(id: string, context: Base): Promise<Base | null> {
  if (!isRunId(id)) return null;
  const own = await forRun(context, id);
  return own !== null && (await isListed(id, own)) ? own : null;
}

/** The status of a run for a caller without HTTP. */
export async function statusOf(
  id: string,
  context: Context,
): Promise<{ ok: true; status: RunStatus } | { ok: false; refusal: Refusal }> {
  if ((await listedRun(id, context)) === null)
    return { ok: false, refusal: { code: "unknown_run", run: id } };
  const status = await runObject(context.env, id).status();
  return status.ok ? status : { ok: false, refusal: { code: "start_unconfirmed", run: id } };
}

/** The registry lists the run, but the run has no rows: it has not confirmed its start yet. */
export function pageAnswer<T>(
  listed: { ok: true; page: Page<T> } | Refused<"unknown_run" | "bad_cursor">,
  id: string,
): Response {
  if (listed.ok) return answer(200, listed.page);
  switch (listed.code) {
    case "unknown_run":
      return problem({ code: "start_unconfirmed", run: id });
    case "bad_cursor":
      return badCursorProblem();
  }
}

export function badCursorProblem(): Response {
  return problem({ code: "invalid_query", errors: [badCursor()] });
}
