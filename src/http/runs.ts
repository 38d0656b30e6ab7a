// The routes about runs that exist: list, look, look closer, abort.
// A run's object is asked only after the registry knew its id: asking for an object creates it.
import { BATCH_STATES, FILE_STATES, type BackfillRunApi, type Page, type Refused } from "../../durable-objects/backfill-run/api.ts"; // prettier-ignore
import { isRunId } from "../../durable-objects/run-registry/instants.ts";
import { runObject } from "../objects.ts";
import { actorOf } from "./actor.ts";
import { answer, type Context } from "./context.ts";
import { badCursor, readChoice, readListQuery } from "./list-query.ts";
import { problem } from "./problems.ts";

/** The part of a routed request that these handlers read. */
export interface RunRoute {
  url: string;
  headers: Headers;
  params: Record<string, string>;
}

export async function listRuns({ url }: RunRoute, { registry }: Context): Promise<Response> {
  const read = readListQuery(new URL(url).searchParams, null);
  if (!read.ok) return problem(read.refusal);
  const listed = await registry.list({ cursor: read.query.cursor, limit: read.query.limit });
  return listed.ok ? answer(200, listed.page) : badCursorProblem();
}

export async function showRun(route: RunRoute, context: Context): Promise<Response> {
  const view = readChoice(new URL(route.url).searchParams, "view", ["raw"]);
  if (!view.ok) return problem(view.refusal);
  return withRun(route, context, async (run, id) => {
    if (view.query === "raw") {
      const raw = await run.raw();
      return raw.ok ? answer(200, raw.raw) : problem({ code: "start_unconfirmed", run: id });
    }
    const status = await run.status();
    return status.ok ? answer(200, status.status) : problem({ code: "start_unconfirmed", run: id });
  });
}

export async function listFiles(route: RunRoute, context: Context): Promise<Response> {
  const read = readListQuery(new URL(route.url).searchParams, FILE_STATES);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => pageAnswer(await run.listFiles(read.query), id));
}

export async function listBatches(route: RunRoute, context: Context): Promise<Response> {
  const read = readListQuery(new URL(route.url).searchParams, BATCH_STATES);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => pageAnswer(await run.listBatches(read.query), id));
}

export async function abortRun(route: RunRoute, context: Context): Promise<Response> {
  const force = readChoice(new URL(route.url).searchParams, "force", ["true", "false"]);
  if (!force.ok) return problem(force.refusal);
  const who = actorOf(route.headers);
  if (!who.ok) return problem({ code: "invalid_header", errors: [who.error] });
  return withRun(route, context, async (run, id) => {
    const aborted = await run.abort({ force: force.query === "true", actor: who.actor });
    if (aborted.ok) return answer(202, aborted.status);
    switch (aborted.code) {
      case "delivered":
        return problem({ code: "already_delivered", run: id, detail: aborted.detail });
      case "unknown_run":
        return problem({ code: "start_unconfirmed", run: id });
    }
  });
}

async function withRun(
  { params }: RunRoute,
  { env, registry }: Context,
  ask: (run: BackfillRunApi, id: string) => Promise<Response>,
): Promise<Response> {
  const id = params["id"] ?? "";
  if (!isRunId(id) || !(await registry.knows(id))) return problem({ code: "unknown_run", run: id });
  return ask(runObject(env, id), id);
}

/** A run that the registry knows and that does not know itself has not answered its start yet. */
function pageAnswer<T>(
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

function badCursorProblem(): Response {
  return problem({ code: "invalid_query", errors: [badCursor()] });
}
