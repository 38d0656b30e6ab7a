// Turns rows, memory and settings into the facts that the stage is derived from. Reads, never writes.

import { acceptedOf } from "../context/accepted-codes.ts";
import { pauseOf } from "../context/pause.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import type { Totals } from "../ledger/totals.ts";
import { problemFiles, type StageFacts, type StageNow } from "./stages.ts";
import { doubtText, isBelieved } from "../context/live-size-proof.ts";
import { MANY_FILES } from "../ledger/live-rows.ts";
import { LIVE_WAITING, SIZE_UNPROVEN } from "../ledger/reasons.ts";
import { canaryOf } from "../context/canary.ts";
import { suspensionNow } from "../context/suspension-now.ts";
import { storageReason } from "../context/storage-outage.ts";
import { slowedBecause } from "../receiver/rate.ts";
import { limitsOf } from "../context/limits.ts";
import { runSuspicion } from "./suspicion.ts";
import { codeOfDuplicates, codesOfKeys } from "../../../src/listing/key-codes.ts";
import { waitingDuplicates } from "./named-kinds.ts";
import { isComparing, planOf } from "../context/plan-state.ts";
import { DAY_MS } from "../../../src/contract/time-units.ts";

export function stageFacts(context: RunContext, run: StartedRun, totals: Totals): StageFacts {
  const { row, listing } = run;
  const marginMs = marginNow(run, totals);
  const finalListingAt = run.spec.parse.endMs + marginMs;
  const isComplete = listing.completeAsOf !== null && listing.completeAsOf >= finalListingAt;
  const listingFinal = isComplete && marginMs === listing.marginMs;
  const plan = planOf(row);
  return {
    now: context.now,
    aborted: row.stage === "aborted",
    abortAsked: row.abort_asked_at !== null,
    cleaned: row.stage === "cleaned",
    pause: pauseOf(row) ?? canaryOf(context, run, totals)?.pause ?? null,
    suspension: suspensionNow(context, run, totals),
    slowed:
      storageReason(Object.values(context.memory.storage), context.now) ??
      slowedBecause(context.memory.limiter.rate, limitsOf(row).maxLinesPerSecond, context.now),
    totals,
    listingFinal,
    finalListingAt,
    openCodes: openCodes(context, run, totals, listingFinal),
    leasesOut: leasesOut(context, totals),
    bulkUnderWay: context.store.bulk.all().length > 0,
    dry: run.spec.dryRun
      ? { isHashed: plan?.kind === "counted", waitsFor: waitsFor(context, run, totals) }
      : null,
    comparing: isComparing(plan),
    outdated: plan?.kind === "outdated" ? { code: "plan_outdated", detail: plan.why } : null,
    live: liveFacts(context, run, totals),
  };
}

/** The facts about delivery by the live worker. Without the option `skip_delivered` no row is read. */
function liveFacts(context: RunContext, { row, spec }: StartedRun, t: Totals): StageFacts["live"] {
  if (!spec.live) return { nextCheckAt: null, releaseReady: false, rechecks: 0 };
  const { live } = context.store;
  const waits = t.files_waiting > 0;
  return {
    nextCheckAt: waits ? live.nextCheckAt() : null,
    releaseReady: waits && isBelieved(row, spec.live) && live.unproven(1).length > 0,
    rechecks: t.live_rechecks,
  };
}

/** Why a dry run with files to parse waits: another run sends. Until the run's Durable Object has asked the
 * registry, the stored reason still applies. */
function waitsFor({ memory }: RunContext, { row }: StartedRun, t: Totals): StageNow["reason"] {
  const { last } = memory.sendingRunCache;
  if (t.files_listed === 0 || last === null) return null;
  if (last !== undefined) {
    const detail = `run ${last} is at work; files are parsed when it is not`;
    return { code: "waiting_for_sending_run", detail };
  }
  const isWritten = row.reason_code === "waiting_for_sending_run";
  return isWritten ? { code: row.reason_code ?? "", detail: row.reason_detail ?? "" } : null;
}

/** The margin. When a file from the last third of the margin contained a kept record, later files may contain such
 * records too. The margin then doubles. */
export function marginNow(run: StartedRun, t: Totals): number {
  const { marginMs } = run.listing;
  const parsed = t.files_listed + t.files_parsing === 0;
  const lastThird = run.spec.parse.endMs + (marginMs * 2) / 3;
  const isLate = parsed && marginMs > 0 && run.row.latest_kept_start > lastThird;
  return isLate ? Math.min(MAX_MARGIN_MS, marginMs * 2) : marginMs;
}

/** Conditions of the whole run that wait for an operator's decision. */
export function openCodes(
  context: RunContext,
  run: StartedRun,
  t: Totals,
  listingFinal: boolean,
): { code: string; detail: string }[] {
  const accepted = acceptedOf(run.row);
  const codes: { code: string; detail: string }[] = [];
  const filesToParse = t.files_listed + t.files_parsing;
  if (listingFinal && filesToParse + t.files_waiting === 0 && t.kept === 0 && problemFiles(t) === 0) {
    const detail =
      matchedFiles(t) === 0
        ? "no file matches the window: check LOG_PREFIX, the window and the bucket"
        : "no record of the window was kept: check the window and top_level_parent_ray_ids";
    codes.push({ code: "empty_window", detail });
  }
  // The shares change until the last file is parsed, and an operator would have to decide again after each change.
  const suspicion = runSuspicion(t, run.spec.parse.maxSuspectRatio);
  if (suspicion && listingFinal && filesToParse === 0) {
    codes.push({ code: "suspect_records", detail: suspicion });
  }
  codes.push(...liveCodes(context, run, t, listingFinal && filesToParse === 0));
  codes.push(...codesOfKeys(context.store.named.shown()));
  const open = codes.filter(({ code, detail }) => accepted[code]?.seen !== detail);
  // When an operator decides about a file that may be a copy, its row no longer waits. So a row that waits is undecided.
  const waiting = waitingDuplicates(context, t);
  return waiting ? [codeOfDuplicates(waiting), ...open] : open;
}

/** The codes about delivery by the live worker that wait for an operator. The size is judged only when every file
 * is parsed. */
function liveCodes(
  context: RunContext,
  { row, spec }: StartedRun,
  t: Totals,
  isParsed: boolean,
): { code: string; detail: string }[] {
  if (!spec.live) return [];
  const codes: { code: string; detail: string }[] = [];
  const { live } = context.store;
  const overdue = t.files_waiting === 0 ? 0 : live.countOverdue();
  const doubt =
    isParsed && (t.files_waiting === 0 || live.nextCheckAt() === null) ? doubtText(row, spec.live) : null;
  if (doubt !== null) codes.push({ code: SIZE_UNPROVEN, detail: doubt });
  if (overdue > 0) {
    const count = overdue < MANY_FILES ? String(overdue) : `${MANY_FILES} or more`;
    const detail = `${count} files have batches of the live worker without an answer for an hour: accept to send them, or retry each file`;
    codes.push({ code: LIVE_WAITING, detail });
  }
  return codes;
}

export function matchedFiles(t: Totals): number {
  return (
    t.files_listed +
    t.files_parsing +
    t.files_waiting +
    t.files_open +
    t.files_closed +
    t.files_accepted +
    problemFiles(t)
  );
}

/** The number of leases of parsers and senders. The number is one higher while a sender may still send although its
 * lease was taken back. */
export function leasesOut(context: RunContext, t: Totals): number {
  return t.files_parsing + t.batches_leased + (context.now < context.memory.quietAt ? 1 : 0);
}

/** The longest margin. A log that arrives later is a late file. */
const MAX_MARGIN_MS = DAY_MS;
