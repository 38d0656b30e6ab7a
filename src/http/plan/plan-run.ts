// POST /runs/plan: takes the body of POST /runs, starts nothing, and estimates what such a run would find and cost.
// The answer is an estimate. A dry run counts exactly.
import type { PlanAnswer } from "../../contract/api/api-types.ts";
import { OLDEST_FORMAT } from "../../contract/line-formats.ts";
import type { CoveringRun, WantedRun } from "../../contract/registry.ts";
import { shownReceiver } from "../../contract/receivers.ts";
import { isoSecond } from "../../contract/run-id.ts";
import { secondsOf, type TimeRange } from "../../listing/covered-minutes.ts";
import { runObject } from "../../platform/objects.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import {
  NO_EARLIER_RUN,
  bytesPerLineOf,
  closestRun,
  estimateOf,
  type BytesPerLine,
} from "./plan-estimate.ts";
import { LISTED_MS, coverageOf, coveredFacts, listedFacts, liveFiles, liveStates, owedFacts, sumOf, type RawFacts } from "./plan-facts.ts"; // prettier-ignore
import { problem } from "../problems/problems.ts";
import { forReceiver } from "../registries.ts";
import { sharersOf } from "../same-addresses.ts";
import { readRunRequest } from "../runs/run-request.ts";
import { intervalOf } from "../requests/window.ts";
import { readRequest } from "../requests/read-request.ts";

/** The most files and gaps that an answer lists. */
const FILES_SHOWN = 500;
const GAPS_SHOWN = 20;
/** How many of the newest runs are candidates for the estimate. */
const RUNS_COMPARED = 20;
/** How many files of an earlier run the estimate uses. */
const FILES_WEIGHED = 200;

export async function planRun(request: Request, context: HttpContext): Promise<Response> {
  const command = await readRequest(request, context);
  if (!command.ok) return problem(command.refusal);
  const asked = readRunRequest(command.json, context.config, command.actor, context.now);
  if (!asked.ok) return problem(asked.refusal);
  const { wanted } = asked;
  const sharers = sharersOf(context.config, shownReceiver(wanted.receiver));
  return answer(200, await planOf(wanted, forReceiver(context, wanted.receiver ?? null), sharers));
}

/** `sharers` are the other receivers with the same address. */
async function planOf(wanted: WantedRun, context: Context, sharers: string[]): Promise<PlanAnswer> {
  const { registry } = context;
  const { startMs, endMs } = wanted.parse;
  const isShort = endMs - startMs <= LISTED_MS;
  const [holder, covering, coverage, bytesPerLine, listed] = await Promise.all([
    registry.slotHolder(),
    registry.covering(startMs, endMs),
    coverageOf(wanted, context),
    earlierBytesPerLine(context, { startMs, endMs }),
    isShort ? listedFacts(wanted, context) : null,
  ]);
  const raw = listed ?? coveredFacts(startMs, coverage);
  const overlaps = covering.filter(({ sends }) => sends);
  const { parse, maxLinesPerSecond } = wanted;
  const live = liveFiles(raw, coverage);
  const states = liveStates(coverage);
  const owed = wanted.live ? owedFacts(raw, states) : raw;
  const estimate = estimateOf(owed, bytesPerLine, { maxLinesPerSecond, batchLines: parse.batchLines });
  return {
    receiver: shownReceiver(wanted.receiver),
    window: { start: isoSecond(startMs), end: isoSecond(endMs), interval: intervalOf(parse) },
    format: parse.format ?? OLDEST_FORMAT,
    complete: raw.isComplete,
    retry_after_ms: raw.isComplete ? null : (coverage?.retry_after_ms ?? 1_000),
    raw: {
      files: raw.files,
      bytes: raw.bytes,
      span: raw.span && shown(raw.span),
      margin_files: raw.marginFiles,
    },
    uncovered: raw.gaps.slice(0, GAPS_SHOWN).map(shown),
    uncovered_seconds: secondsOf(raw.gaps),
    live: coverage && {
      seen: coverage.live_seen,
      complete: coverage.complete,
      as_of: coverage.as_of,
      retry_after_ms: coverage.retry_after_ms,
      oldest_evidence: coverage.oldest_evidence,
      files_with_markers: sumOf(coverage.columns.live_files),
      files: live,
    },
    overlaps: overlaps.map(shownRun),
    slot: { holder },
    ...estimate,
    files:
      raw.listed &&
      raw.listed
        .toSorted((a, b) => a.rangeStart - b.rangeStart || (a.key < b.key ? -1 : 1))
        .slice(0, FILES_SHOWN)
        .map(({ key, size, rangeStart, rangeEnd }) => ({
          key,
          size,
          ...shown({ startMs: rangeStart, endMs: rangeEnd }),
          live: states.get(key) ?? "unknown",
        })),
    files_left_off: Math.max(0, (raw.listed?.length ?? 0) - FILES_SHOWN),
    warnings: warningsOf(wanted, context, {
      raw,
      holder,
      overlaps,
      sharers,
      bytesPerLine,
      hasCoverage: coverage !== null,
      // A long window has only the sums of its cells.
      delivered:
        live === null
          ? sumOf(coverage?.columns.live_files ?? [])
          : live.delivered + live.partly + live.marked,
      unanswered: live === null ? null : live.waiting,
    }),
  };
}

function warningsOf(
  wanted: WantedRun,
  { config, now }: Context,
  found: {
    raw: RawFacts;
    holder: string | null;
    overlaps: CoveringRun[];
    sharers: string[];
    bytesPerLine: BytesPerLine;
    hasCoverage: boolean;
    delivered: number;
    /** Files with a batch of the live worker that has no answer. Null: not counted. */
    unanswered: number | null;
  },
): { code: string; detail: string }[] {
  const { raw, holder, overlaps, sharers, bytesPerLine, hasCoverage, delivered, unanswered } = found;
  const finalAt = wanted.parse.endMs + wanted.lateMarginMs;
  const all: [boolean, string, string][] = [
    [!config.enabled, "disabled", 'BACKFILL_ENABLED is not "true"; no run starts'],
    [!config.receiver, "receiver_not_configured", `missing secrets: ${config.missingSecrets.join(", ")}`],
    [holder !== null, "slot_taken", `run ${holder} owns the receiver's slot`],
    [
      overlaps.length > 0 && !wanted.replay,
      "overlap",
      `${overlaps.map(({ runId }) => runId).join(", ")} sent or may send lines of this window`,
    ],
    [!raw.isComplete, "incomplete", "not every part of the window was looked at yet; ask again"],
    [raw.isComplete && raw.files === 0, "no_raw_file", "no raw file matches the window"],
    [raw.files > 0 && raw.gaps.length > 0, "uncovered", "parts of the window have no raw file"],
    [
      // The live worker delivers only to the partner.
      delivered > 0 && !wanted.live && !wanted.http && !wanted.receiver,
      "delivered_live",
      `${delivered} of ${raw.files} files were delivered live, in whole or in part; their lines would go twice ` +
        'without "live": "skip_delivered"',
    ],
    [
      unanswered !== null && unanswered > 0 && !wanted.http && !wanted.receiver,
      "live_unanswered",
      `${unanswered} of ${raw.files} files have a batch of the live worker without an answer; the partner may have its lines`,
    ],
    [
      wanted.live !== undefined && wanted.http !== undefined,
      "live_of_partner",
      'the live worker delivers to the partner; with "live": "skip_delivered" the receiver of RECEIVER never gets ' +
        "the lines that the live worker delivered",
    ],
    [
      sharers.length > 0,
      "same_address",
      `the receiver has the same address as ${sharers.join(", ")}; runs to them are no overlap of this run`,
    ],
    [!hasCoverage, "coverage_unavailable", "it is not known what was delivered live"],
    [now < finalAt, "late_files", `late files are waited for until ${isoSecond(finalAt)}`],
    [bytesPerLine.from === null, "rough_estimate", "it is not known how many bytes a line takes"],
  ];
  return all.filter(([applies]) => applies).map(([, code, detail]) => ({ code, detail }));
}

/** The bytes per line of the run that was counted or delivered and has most of the window. If this run does not answer,
 * the plan uses the range `UNKNOWN` of plan-estimate.ts. */
async function earlierBytesPerLine({ env, registry }: Context, window: TimeRange): Promise<BytesPerLine> {
  const stages = ["counted", "sent_waiting_cleanup", "cleaned"];
  const listed = await registry.list({ cursor: null, limit: RUNS_COMPARED, stages });
  const run = listed.ok ? closestRun(listed.page.items, window) : null;
  if (run === null) return NO_EARLIER_RUN;
  try {
    const query = { states: ["closed"], cursor: null, limit: FILES_WEIGHED };
    const files = await runObject(env, run).listFiles(query);
    return files.ok ? bytesPerLineOf(run, files.page.items) : NO_EARLIER_RUN;
  } catch {
    return NO_EARLIER_RUN;
  }
}

function shown({ startMs, endMs }: TimeRange): { start: string; end: string } {
  return { start: isoSecond(startMs), end: isoSecond(endMs) };
}

function shownRun({ runId, startMs, endMs, stage, delivered }: CoveringRun) {
  return { run: runId, ...shown({ startMs, endMs }), stage_code: stage, delivery_completed: delivered };
}
