// The routes about coverage: which part of a range the live worker delivered, and which runs replayed it.
import type { CoverageRange, CoverageView } from "../../contract/coverage.ts";
import type { CoveringRun } from "../../contract/registry.ts";
import type { CoverageWithRuns } from "../../contract/service.ts";
import { isoSecond } from "../../contract/run-id.ts";
import { shownReceiver } from "../../contract/receivers.ts";
import type { RegistryApi } from "../../contract/windows.ts";
import { coverageObject } from "../../platform/objects.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import { readCoverageQuery, readFilesQuery, readRefresh, type CoverageQuery } from "./coverage-query.ts";
import { problem } from "../problems/problems.ts";
import { receiverContext } from "../requests/receiver-query.ts";
import { registryOf } from "../registries.ts";
import type { RunRoute } from "../runs/run-route.ts";
import { readRequest } from "../requests/read-request.ts";

export async function showCoverage({ url }: RunRoute, context: Context): Promise<Response> {
  const search = new URL(url).searchParams;
  const read = readCoverageQuery(search, context.now);
  if (!read.ok) return problem(read.refusal);
  const asked = await receiverContext(search, context);
  if (!asked.ok) return problem(asked.refusal);
  return answer(200, await coverageWithRuns(read.query, context, asked.chosen.receiver));
}

/** The answer of GET /coverage and of the service. */
export function coverageWithRuns(
  { range, detail, columns }: CoverageQuery,
  context: Context,
  receiver: string | null,
): Promise<CoverageWithRuns> {
  return withRuns(coverageObject(context.env).view(range, detail, columns), range, context, receiver);
}

export async function listCoverageFiles({ url }: RunRoute, { env, now }: Context): Promise<Response> {
  const read = readFilesQuery(new URL(url).searchParams, now);
  if (!read.ok) return problem(read.refusal);
  return answer(200, await coverageObject(env).files(read.query));
}

export async function refreshCoverage(request: Request & RunRoute, context: HttpContext): Promise<Response> {
  const command = await readRequest(request, context);
  if (!command.ok) return problem(command.refusal);
  const read = readRefresh(command.json, context.now);
  if (!read.ok) return problem(read.refusal);
  const { range, detail } = read.query;
  return answer(202, await withRuns(coverageObject(context.env).refresh(range, detail), range, context));
}

/** The live worker delivers to the first receiver, so only runs of the first receiver replay a hole. `runs` of the answer
 * are those of `receiver`. */
async function withRuns(
  asked: Promise<CoverageView>,
  range: CoverageRange,
  context: Context,
  receiver: string | null = null,
): Promise<CoverageWithRuns> {
  const covering = (registry: RegistryApi) => registry.covering(range.startMs, range.endMs);
  const ofFirst = covering(context.registry);
  const [{ limits, ...view }, firstRuns, runs] = await Promise.all([
    asked,
    ofFirst,
    receiver === null ? ofFirst : covering(registryOf(context, receiver)),
  ]);
  const holes = view.holes.map((hole) => ({ ...hole, replays: replaysOf(hole.inner, firstRuns) }));
  const shown = runs.map(({ runId, startMs, endMs, stage, delivered, dryRun }) => ({
    id: runId,
    start: isoSecond(startMs),
    end: isoSecond(endMs),
    stage_code: stage,
    delivery_completed: delivered,
    dry_run: dryRun,
  }));
  return { ...view, holes, receiver: shownReceiver(receiver), runs: shown, limits };
}

/** Runs that sent or will send every line of the span. */
function replaysOf(span: { start: string; end: string }, runs: readonly CoveringRun[]): string[] {
  const [from, to] = [Date.parse(span.start), Date.parse(span.end)];
  return runs
    .filter(({ sends, startMs, endMs }) => sends && startMs <= from && endMs >= to)
    .map(({ runId }) => runId);
}
