// Requests to the registry and answers of runs for tests: a wanted run, and its first status.
import { NO_WORK } from "../../src/contract/work.ts";
import { EMPTY_SERIES } from "../../durable-objects/backfill-run/receiver/series.ts";
import { workView } from "../../durable-objects/backfill-run/views/work-view.ts";
import type { RunSpec, StatusAnswer } from "../../src/contract/run.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import type { RunReport, WantedRun } from "../../src/contract/registry.ts";
import { isoSecond, receiverOf } from "../../src/contract/run-id.ts";
import { firstLimits, limitsView } from "../../durable-objects/backfill-run/context/limits.ts";
import { assumedView } from "../../durable-objects/backfill-run/ledger/assumed-rows.ts";
import { sumsView } from "../../durable-objects/backfill-run/ledger/sums-view.ts";
import { answersView } from "../../durable-objects/backfill-run/receiver/answers-view.ts";
import { noAnswers } from "../../durable-objects/backfill-run/receiver/answers.ts";
import { PostFigures } from "../../durable-objects/backfill-run/receiver/post-figures.ts";
import { RateLimiter } from "../../durable-objects/backfill-run/receiver/rate-limiter.ts";
import { figuresView, rateView } from "../../durable-objects/backfill-run/receiver/rate-view.ts";
import { checksView } from "../../durable-objects/backfill-run/stage/suspicion.ts";
import { olderNames } from "../../durable-objects/backfill-run/views/older-names.ts";
import { originView, specView, windowView } from "../../durable-objects/backfill-run/views/spec-view.ts";
import { readConfig } from "../../src/platform/config.ts";
import { readRunRequest } from "../../src/http/runs/run-request.ts";
import { totalsOf } from "./run-facts.ts";

export const START = Date.parse("2030-04-22T14:00:00Z");
export const HOUR = 3_600_000;

/** The specification that POST /runs makes of a request with only a window. */
export function wantedRun(over: { startMs?: number; note?: string } = {}): WantedRun {
  const startMs = over.startMs ?? START;
  const asked = {
    start: isoSecond(startMs),
    end: isoSecond(startMs + HOUR),
    ...(over.note && { note: over.note }),
  };
  const answer = readRunRequest(asked, readConfig({}), "token", startMs + 24 * HOUR);
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
  return answer.wanted;
}

/** The status of a run that has just started. */
export function aStatus(id: string, summary = "listing"): RunStatus {
  const receiver = receiverOf(id);
  const spec: RunSpec = {
    ...wantedRun(),
    runId: id,
    createdAt: START,
    ...(receiver !== null && { receiver }),
  };
  const limits = firstLimits(spec);
  const totals = totalsOf();
  return {
    id,
    stage_code: "scanning_and_queueing",
    state_reason: null,
    summary,
    window: windowView(spec.parse),
    delivery_completed: false,
    fully_completed: false,
    ...sumsView(totals, {}),
    leases_out: 0,
    last_post_ended_at: null,
    progress: 0,
    expected_lines: null,
    eta_seconds: null,
    rate: rateView(limits, new RateLimiter(null, START), { linesPerSecond: 0, linesToday: 0 }, START),
    ...figuresView(new PostFigures(null)),
    answers: answersView(noAnswers, ""),
    ...assumedView({}),
    cleanup: { state: "pending", ends_at: null },
    problems: [],
    checks: checksView(totals, undefined),
    foreign_keys: [],
    malformed_samples: [],
    complete_as_of: null,
    listing: {
      pass: 0,
      under_way: true,
      late_margin_minutes: 0,
      lookback_minutes: 0,
      longest_range_seconds: 0,
      farthest_kept_seconds: 0,
      final_at: isoSecond(START),
    },
    warnings: [],
    commands_under_way: [],
    verification: { under_way: false, last: null },
    spec: specView(spec),
    limits: limitsView(limits),
    plan_hash: null,
    plan: null,
    uncovered: null,
    uncovered_seconds: null,
    report: { prefix: null, generation: null, complete: false, parts: 0, head: null },
    ...originView(spec),
    created_at: isoSecond(START),
    started_at: isoSecond(START),
    stage_since: isoSecond(START),
    delivered_at: null,
    ended_at: null,
    ...workView(
      { started_at: START, delivered_at: null, ended_at: null },
      "scanning_and_queueing",
      { work: NO_WORK, series: EMPTY_SERIES, linesSent: 0 },
      START,
    ),
    ...olderNames(totals, { batch_lines_min: null, batch_lines_max: null }, spec.parse, START),
  };
}

export function aReport(runId: string, over: Partial<RunReport> = {}): RunReport {
  return {
    runId,
    stage: "sending",
    summary: "sending",
    finished: false,
    sentSomething: false,
    logLinesSent: 0,
    ...over,
  };
}

/** Stands in for the Durable Objects of runs. Records which calls the registry made, and decides the answers. */
export class FakeRuns {
  readonly started: { spec: RunSpec; slot: { fence: number; notBefore: number } }[] = [];
  readonly poked: string[] = [];
  /** How many of the next calls of `start` throw, as calls to a broken Durable Object do. */
  failStarts = 0;
  /** How many of the next calls of `status` throw. */
  failStatus = 0;
  statusCalls = 0;

  start(spec: RunSpec, slot: { fence: number; notBefore: number }) {
    if (this.failStarts-- > 0) throw new Error("the run's object is down");
    this.started.push({ spec, slot });
    return { ok: true as const, already: false };
  }

  status(runId: string): StatusAnswer {
    if (this.failStatus-- > 0) throw new Error("the run's object is down");
    return { ok: true, status: aStatus(runId, `status call ${++this.statusCalls}`) };
  }
}
