// The routes about existing runs: list, status, details, abort. Other decisions of operators are in
// operate.ts.
import * as v from "valibot";
import { BATCH_STATES, FILE_STATES, RETIRED_BATCH_STATE } from "../../contract/states.ts";
import { actorOf } from "../access/actor.ts";
import { readJson } from "../requests/body.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import { Flag, Note } from "../requests/fields.ts";
import { readChoice, readListQuery, readRowsQuery } from "../requests/list-query.ts";
import { mergedPage } from "./merge-runs.ts";
import { problem } from "../problems/problems.ts";
import { readFields } from "../requests/read-fields.ts";
import { registriesIn } from "../requests/receiver-query.ts";
import { readRunsQuery, readSince } from "./runs-query.ts";
import { badCursorProblem, pageAnswer, type RunRoute, withRun } from "./run-route.ts";

/** The runs of all receivers, or of one receiver. Each registry reads at most one page. */
export async function listRuns({ url }: RunRoute, context: Context): Promise<Response> {
  const search = new URL(url).searchParams;
  const read = readRunsQuery(search);
  if (!read.ok) return problem(read.refusal);
  const asked = await registriesIn(search, context);
  if (!asked.ok) return problem(asked.refusal);
  const listed = await Promise.all(asked.chosen.map(({ registry }) => registry.list(read.query)));
  const pages = listed.flatMap((one) => (one.ok ? [one.page] : []));
  if (pages.length < listed.length) return badCursorProblem();
  return answer(200, mergedPage(pages, read.query.limit));
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
  const read = readRowsQuery(new URL(route.url).searchParams, FILE_STATES, true);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => pageAnswer(await run.listFiles(read.query), id));
}

export async function listBatches(route: RunRoute, context: Context): Promise<Response> {
  const states = [...BATCH_STATES, RETIRED_BATCH_STATE];
  const read = readRowsQuery(new URL(route.url).searchParams, states, false);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => pageAnswer(await run.listBatches(read.query), id));
}

export async function listEvents(route: RunRoute, context: Context): Promise<Response> {
  const read = readListQuery(new URL(route.url).searchParams, null);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => pageAnswer(await run.listEvents(read.query), id));
}

export async function listSamples(route: RunRoute, context: Context): Promise<Response> {
  const read = readListQuery(new URL(route.url).searchParams, null);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => pageAnswer(await run.listSamples(read.query), id));
}

export async function showSeries(route: RunRoute, context: Context): Promise<Response> {
  const read = readSince(new URL(route.url).searchParams);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => {
    const answered = await run.series(read.query);
    return answered.ok ? answer(200, answered.series) : problem({ code: "start_unconfirmed", run: id });
  });
}

export const ABORT_FIELDS = { force: v.optional(Flag), note: v.optional(Note) };

/** `force` may be in the query or in the body. If both have it, they must agree. */
export async function abortRun(route: Request & RunRoute, context: HttpContext): Promise<Response> {
  const force = readChoice(new URL(route.url).searchParams, "force", ["true", "false"]);
  if (!force.ok) return problem(force.refusal);
  const who = actorOf(route.headers, context);
  if (!who.ok) return problem(who.refusal);
  const body = await readJson(route, {});
  if (!body.ok) return problem(body.refusal);
  const read = readFields(ABORT_FIELDS, body.json);
  if (!read.ok) return problem({ code: "invalid_body", errors: read.errors });
  const { force: inBody, note } = read.fields;
  const inQuery = force.query === null ? undefined : force.query === "true";
  if (inQuery !== undefined && inBody !== undefined && inQuery !== inBody) {
    const errors = [{ pointer: "#/force", detail: `?force=${inQuery} says otherwise` }];
    return problem({ code: "invalid_body", errors });
  }
  return withRun(route, context, async (run, id) => {
    const asked = { force: inQuery ?? inBody ?? false, note: note?.trim() || null };
    const aborted = await run.abort({ ...asked, actor: who.actor });
    if (aborted.ok) return answer(202, aborted.status);
    switch (aborted.code) {
      case "delivered":
        return problem({ code: "already_delivered", run: id, detail: aborted.detail });
      case "counted":
        return problem({ code: "run_ended", run: id, detail: aborted.detail });
      case "unknown_run":
        return problem({ code: "start_unconfirmed", run: id });
    }
  });
}
