// Rows → what GET /runs/:id shows, in the words of the wire. Reads, never writes.
import { snakeKeys } from "../../../src/platform/snake-case.ts";
import { misspeltText } from "../../../src/platform/misspelt-vars.ts";
import { DROP_REASONS } from "../../../src/contract/file-counts.ts";
import {
  BATCH_STATES,
  FILE_STATES,
  RETIRED_BATCH_STATE,
  type BatchState,
  type Json,
} from "../../../src/contract/states.ts";
import type { RunStatus } from "../../../src/contract/views.ts";
import { answersView, assumedView } from "./answers-view.ts";
import { bulkView } from "./bulk-view.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { matchedFiles, stageFacts } from "../stage/stage-facts.ts";
import { problemsOf } from "./problems.ts";
import { isUnderWay } from "../../../src/listing/listing.ts";
import { namedKinds } from "../stage/named-kinds.ts";
import { rateOf } from "../receiver/rate.ts";
import { deriveStage } from "../stage/stages.ts";
import { archivePrefix } from "../../../src/contract/report.ts";
import { archiveState } from "./report-state.ts";
import { limitsOf } from "../context/limits.ts";
import { specView } from "./spec-view.ts";
import { summaryOf } from "../stage/summary.ts";
import { runChecks } from "../stage/suspicion.ts";
import type { Totals } from "../ledger/totals.ts";
import { iso, isoOrNull } from "./instants.ts";

/** GET /runs/:id/samples returns all. */
const SAMPLES_SHOWN = 5;
const BEIJING_MS = 8 * 3_600_000;

export function statusOf(context: RunContext, run: StartedRun): RunStatus {
  const { row, spec, listing } = run;
  const t = context.store.totals.read();
  const facts = stageFacts(context, run, t);
  const { stage, reason } = deriveStage(facts);
  const delivered = stage === "sent_waiting_cleanup" || stage === "cleaned";
  const { startMs, endMs, endExclusive } = spec.parse;
  const window = { start: isoSeconds(startMs), end: isoSeconds(endMs) };
  const sending = rate(context, run, t);
  return {
    id: row.run_id,
    stage_code: stage,
    state_reason: reason,
    summary: summaryOf({ stage, reason }, t, listing.completeAsOf),
    window: { ...window, interval: `[${window.start}, ${window.end}${endExclusive ? ")" : "]"}` },
    delivery_completed: delivered,
    fully_completed: stage === "cleaned",
    exceptions: t.exceptions,
    matched_raw_files: t.matched_files,
    files: Object.fromEntries(FILE_STATES.map((state) => [state, t[`files_${state}`]])) as RunStatus["files"],
    batches: {
      ...(Object.fromEntries(BATCH_STATES.map((state) => [state, t[`batches_${state}`]])) as Record<
        BatchState,
        number
      >),
      [RETIRED_BATCH_STATE]: 0,
    },
    lines: {
      read: t.read,
      kept: t.kept,
      malformed: t.malformed,
      empty: t.empty_lines,
      repaired: t.repaired,
      sent: t.lines_done,
      pending: t.lines_pending + t.lines_leased,
      refused: t.lines_refused,
      [RETIRED_BATCH_STATE]: 0,
      held: t.lines_held,
      discarded: t.lines_discarded,
      inherited: t.inherited_lines,
      dropped: Object.fromEntries(
        DROP_REASONS.map((why) => [why, t[`dropped_${why}`]]),
      ) as RunStatus["lines"]["dropped"],
    },
    sanitized_fields: t.sanitized_fields,
    repeated_ray_ids: t.repeated_ray_ids,
    untracked_ray_ids: t.untracked_ray_ids,
    in_flight: t.batches_leased,
    leases_out: facts.leasesOut,
    last_post_ended_at: isoOrNull(run.hot.last_post_ended_at),
    log_lines_sent: t.lines_done,
    duplicate_lines: t.duplicate_lines,
    possible_duplicate_lines: t.possible_duplicate_lines,
    uncertain_attempts: t.uncertain_attempts,
    progress: progress(t, facts.listingFinal, delivered),
    // Without sending there is no estimate.
    eta_seconds: delivered ? 0 : isSending(stage) ? sending.eta : null,
    rate: sending.shown,
    ack_ms: quantiles(context),
    failures: context.memory.figures.failures,
    connection_errors: context.memory.figures.connectionErrors,
    answers: answersView(context, run),
    ...assumedView(context),
    cleanup: { state: row.cleanup_state, ends_at: isoOrNull(row.cleanup_ends_at) },
    problems: problemsOf(context),
    checks: checksView(t, spec.parse.maxSuspectRatio),
    foreign_keys: namedKinds(context),
    malformed_samples: context.store.samples(0, SAMPLES_SHOWN).map(({ sample: _number, ...shown }) => shown),
    complete_as_of: isoOrNull(listing.completeAsOf),
    listing: {
      pass: listing.pass,
      under_way: isUnderWay(listing),
      late_margin_minutes: listing.marginMs / 60_000,
      lookback_minutes: listing.lookbackMs / 60_000,
      longest_range_seconds: listing.longestRangeMs / 1_000,
      farthest_kept_seconds: row.farthest_ms / 1_000,
      final_at: iso(facts.finalListingAt),
    },
    warnings: context.settings.misspelt.map((found) => ({
      code: "misspelt_var",
      detail: misspeltText(found),
    })),
    dead_letters: { parse: t.parse_dead_letters, send: t.send_dead_letters },
    commands_under_way: bulkView(context),
    verification: {
      under_way: row.verify_asked_by !== null,
      last: row.verified_json === null ? null : (JSON.parse(row.verified_json) as Json),
    },
    continue_of: spec.continueOf,
    replay: spec.replay,
    spec: specView(spec),
    limits: snakeKeys(limitsOf(row)) as unknown as Json,
    report: reportOf(run),
    note: spec.note,
    actor: spec.actor,
    created_at: iso(spec.createdAt),
    started_at: iso(row.started_at),
    stage_since: iso(row.stage_since),
    delivered_at: isoOrNull(row.delivered_at),
    ended_at: isoOrNull(row.ended_at),
    ...olderNames(context, run, t),
  };
}

/** The checks of all files together, without suspicious files. */
function checksView(t: Totals, maxSuspectRatio: number | undefined): Json {
  const { lines, times, parents } = runChecks(t);
  return {
    max_suspect_ratio: maxSuspectRatio ?? null,
    malformed_lines: { ...lines },
    unreadable_times: { ...times },
    unset_parent_ray_ids: { ...parents },
  };
}

/** Where the evidence of an ended run is, and how much of it is written. */
function reportOf(run: StartedRun) {
  const { generation, parts, done } = archiveState(run);
  return {
    // Null until the first part is written.
    prefix: run.row.archive_json === null ? null : archivePrefix(run.row.run_id, generation),
    generation,
    complete: done,
    parts: parts.length,
    head: parts.at(-1)?.chain ?? null,
  };
}

function isSending(stage: RunStatus["stage_code"]): boolean {
  return stage === "scanning_and_queueing" || stage === "sending";
}

/** Names from the earlier system, which operators know. */
function olderNames(context: RunContext, run: StartedRun, t: Totals) {
  const { startMs, endMs } = run.spec.parse;
  return {
    batches_sent: t.batches_done,
    batches_pending: t.batches_pending + t.batches_leased,
    batch_lines_avg: t.batches_done === 0 ? null : Math.round(t.lines_done / t.batches_done),
    batch_lines_min: run.row.batch_lines_min,
    batch_lines_max: run.row.batch_lines_max,
    replay_window_beijing: `${beijing(startMs)} – ${beijing(endMs)}`,
    last_refresh_beijing: beijing(context.now),
  };
}

/** The settled share of the known work. 1 only when delivered. An unparsed file counts as an average parsed file. */
function progress(t: Totals, listingFinal: boolean, delivered: boolean): number {
  if (delivered) return 1;
  const left = t.files_listed + t.files_parsing;
  const parsed = matchedFiles(t) - left;
  const perFile = parsed === 0 ? 0 : t.kept / parsed;
  const expected = t.kept + perFile * left;
  if (expected === 0) return 0;
  const share = (t.lines_done + t.lines_discarded) / expected;
  return Math.min(listingFinal ? 0.999 : 0.99, Math.floor(share * 1_000) / 1_000);
}

function rate(context: RunContext, run: StartedRun, t: Totals) {
  const limits = limitsOf(run.row);
  const current = context.memory.throughput.linesPerSecond(context.now);
  const unparsed = t.files_listed + t.files_parsing;
  const parsed = matchedFiles(t) - unparsed;
  const expected = parsed === 0 ? null : (t.kept / parsed) * unparsed;
  const left = expected === null ? null : t.lines_pending + t.lines_leased + expected;
  return {
    eta: current > 0 && left !== null ? Math.ceil(left / current) : null,
    shown: {
      files_per_minute: limits.rate,
      max_lines_per_second: limits.maxLinesPerSecond,
      max_requests_per_second: limits.maxRequestsPerSecond,
      max_bytes_per_second: limits.maxBytesPerSecond,
      max_in_flight: limits.maxInFlight,
      target_lines_per_second: Math.round(
        rateOf(context.memory.limiter.rate, limits.maxLinesPerSecond, context.now),
      ),
      lines_per_second: Math.round(current),
      granted_peak_lines_per_second: context.memory.limiter.pace.peak,
    },
  };
}

function quantiles(context: RunContext) {
  const { ack } = context.memory.figures;
  return { p50: ack.quantile(0.5), p95: ack.quantile(0.95), p99: ack.quantile(0.99) };
}

/** In whole seconds, like windows in requests. */
function isoSeconds(ms: number): string {
  return iso(ms).replace(".000Z", "Z");
}

function beijing(ms: number): string {
  return `${iso(ms + BEIJING_MS)
    .slice(0, 19)
    .replace("T", " ")} +08:00`;
}
