// Rows, memory and settings → the facts that plan.ts and stages.ts decide on. Reads, never writes.
import type { RunReport } from "../run-registry/api.ts";
import { gate, type Gate } from "./breaker.ts";
import { mayClaim } from "./claim.ts";
import { acceptedOf, canaryOf, pauseOf, type RunContext, type StartedRun } from "./context.ts";
import { waitingDuplicates } from "./duplicates.ts";
import { codeOfDuplicates, codesOfKeys } from "./key-codes.ts";
import { isUnderWay } from "./listing.ts";
import { limitsOf } from "./limits.ts";
import { suspensionNow } from "./patience.ts";
import { LANES, type Facts } from "./plan.ts";
import { slowedBecause } from "./rate.ts";
import { storageOpensAt, storageReason } from "./storage-outage.ts";
import { mayBeginAt } from "./reports.ts";
import { deriveStage, problemFiles, type StageFacts, type StageNow } from "./stages.ts";
import { summaryOf } from "./summary.ts";
import { runSuspicion } from "./suspicion.ts";
import type { RunRow } from "./store/run-row.ts";
import type { Totals } from "./store/totals.ts";

/** Batches and gzip bytes that may wait to be sent before parsing pauses. */
const BACKLOG_BATCHES = 600;
const BACKLOG_BYTES = 128 * 1024 * 1024;
/** Logs that come later than a day after their time are late files, whatever the margin. */
const MAX_MARGIN_MS = 86_400_000;
/** The registry hears of a run at work so often. */
const REPORT_EVERY_MS = 5_000;

export function stageFacts(context: RunContext, run: StartedRun, totals: Totals): StageFacts {
  const { row, listing } = run;
  const marginMs = marginNow(run, totals);
  const finalListingAt = run.spec.parse.endMs + marginMs;
  const isComplete = listing.completeAsOf !== null && listing.completeAsOf >= finalListingAt;
  const listingFinal = isComplete && marginMs === listing.marginMs;
  return {
    now: context.now,
    aborted: row.stage === "aborted",
    abortAsked: row.abort_asked_at !== null,
    cleaned: row.stage === "cleaned",
    pause: pauseOf(row) ?? canaryOf(context, run, totals)?.pause ?? null,
    suspension: suspensionNow(context, run, totals),
    slowed:
      storageReason(Object.values(context.memory.storage), context.now) ??
      slowedBecause(context.memory.rate, limitsOf(row).maxLinesPerSecond, context.now),
    totals,
    listingFinal,
    finalListingAt,
    openCodes: openCodes(context, run, totals, listingFinal),
    leasesOut: leasesOut(context, totals),
    bulkUnderWay: context.store.bulk.all().length > 0,
  };
}

/** While the last third of the margin still held a kept record, later files may too: the margin doubles. */
export function marginNow(run: StartedRun, t: Totals): number {
  const { marginMs } = run.listing;
  const parsed = t.files_listed + t.files_parsing === 0;
  const lastThird = run.spec.parse.endMs + (marginMs * 2) / 3;
  const isLate = parsed && marginMs > 0 && run.row.latest_kept_start > lastThird;
  return isLate ? Math.min(MAX_MARGIN_MS, marginMs * 2) : marginMs;
}

/** Run-level conditions that need an operator's word, without those that have it. */
export function openCodes(
  context: RunContext,
  run: StartedRun,
  t: Totals,
  listingFinal: boolean,
): { code: string; detail: string }[] {
  const accepted = acceptedOf(run.row);
  const codes: { code: string; detail: string }[] = [];
  const filesToParse = t.files_listed + t.files_parsing;
  if (listingFinal && filesToParse === 0 && t.kept === 0 && problemFiles(t) === 0) {
    const detail =
      matchedFiles(t) === 0
        ? "no file matches the window: check LOG_PREFIX, the window and the bucket"
        : "no record of the window was kept: check the window and top_level_parent_ray_ids";
    codes.push({ code: "empty_window", detail });
  }
  // before the last file is parsed the shares still move, and a word on them would be asked for again
  const suspicion = runSuspicion(t, run.spec.parse.maxSuspectRatio);
  if (suspicion && listingFinal && filesToParse === 0) {
    codes.push({ code: "suspect_records", detail: suspicion });
  }
  codes.push(...codesOfKeys(context.store.named.shown()));
  const open = codes.filter(({ code, detail }) => accepted[code]?.seen !== detail);
  // a word about these changes their rows: what waits has none
  const waiting = waitingDuplicates(context);
  return waiting ? [codeOfDuplicates(waiting), ...open] : open;
}

export function matchedFiles(t: Totals): number {
  return (
    t.files_listed + t.files_parsing + t.files_open + t.files_closed + t.files_accepted + problemFiles(t)
  );
}

/** Leases of both kinds, and holders that lost theirs so lately that they may still act. */
export function leasesOut(context: RunContext, t: Totals): number {
  return t.files_parsing + t.batches_leased + (context.now < context.memory.quietAt ? 1 : 0);
}

/** Lines of this window may be at the receiver because of this run; what it only took over was sent by another. */
export function sentSomething(totals: Totals): boolean {
  return totals.lines_done > 0 || totals.uncertain_attempts > totals.inherited_attempts;
}

export function reportOf(run: StartedRun, stage: StageNow, totals: Totals, finished: boolean): RunReport {
  // a run that was delivered once may wait for an operator again
  const isDelivered = stage.stage === "sent_waiting_cleanup" || stage.stage === "cleaned";
  return {
    runId: run.row.run_id,
    stage: stage.stage,
    summary: summaryOf(stage, totals, run.listing.completeAsOf),
    finished,
    sentSomething: sentSomething(totals),
    logLinesSent: totals.lines_done,
    exceptions: totals.exceptions,
    startedAt: run.row.started_at,
    deliveredAt: isDelivered ? run.row.delivered_at : null,
    endedAt: isDelivered ? run.row.delivered_at : stage.stage === "aborted" ? run.row.ended_at : null,
  };
}

export function factsOf(context: RunContext, run: StartedRun): Facts {
  const { store, memory, now } = context;
  const { row, listing, breaker } = run;
  const totals = store.totals.read();
  const stages = stageFacts(context, run, totals);
  const derived = deriveStage(stages);
  const written: StageNow = {
    stage: row.stage,
    reason: row.reason_code === null ? null : { code: row.reason_code, detail: row.reason_detail ?? "" },
  };
  const isClean = row.stage === "cleaned" || (row.stage === "aborted" && row.cleanup_state === "done");
  const reportToDelete = store.reports.superfluous() !== null;
  const finished = isClean && !isArchiving(row) && !reportToDelete && row.verify_asked_by === null;
  const changed = JSON.stringify(reportOf(run, written, totals, finished)) !== row.reported_json;
  const urgent = changed && !row.reported_json.includes(`"stage":"${row.stage}"`);
  const reportAt = changed || finished ? row.reported_at + REPORT_EVERY_MS : null;
  const gateNow = gate(breaker, now);
  const nextLeaseEnd = earliest(store.files.firstDue("parsing", 0), store.leases.firstEnd());
  const offer = store.files.nextOffer(now);
  return {
    now,
    written,
    derived,
    parked: pauseOf(row)?.park ?? false,
    slot: row.slot,
    slotRequested: memory.slotRequests.areOut,
    leasesOut: stages.leasesOut,
    leaseExpired: nextLeaseEnd !== null && nextLeaseEnd <= now,
    nextLeaseEnd,
    listing: {
      underWay: isUnderWay(listing),
      nextPassAt: stages.listingFinal
        ? null
        : Math.max(stages.finalListingAt, listing.completeAsOf === null ? 0 : now),
    },
    parsing: {
      offerReady: offer !== undefined,
      offerUrgent: offer !== undefined && offer.first_batch !== null,
      nextOfferAt: store.files.firstDue("listed", now),
      rateAllowsAt: Math.max(row.next_enqueue_at, storageOpensAt(memory.storage.parse, now) ?? 0),
      ahead: totals.files_parsing + store.files.offersOut(now),
      backlogFull:
        totals.batches_pending + totals.batches_leased >= BACKLOG_BATCHES ||
        totals.backlog_bytes >= BACKLOG_BYTES,
    },
    sending: {
      claimable: claimable(context, run, totals),
      ...storageGate(context, gateNow),
      invocations: memory.invocations(now),
      held: memory.held(now),
      bellsOut: memory.bellsOut,
      bellsLostAt: memory.bellsLostAt(now),
      nextRetryAt: store.batches.nextRetryAt(),
      // a receiver that has taken nothing yet may be the wrong one: one sender finds out
      maxInFlight: Math.min(limitsOf(row).maxInFlight, row.receiver_print === null ? LANES : Infinity),
    },
    cleanup: {
      state: row.cleanup_state,
      endsAt: row.cleanup_ends_at,
      lateFound: stages.openCodes.some(({ code }) => code === "late_files"),
    },
    report: {
      due: changed && (urgent || (reportAt ?? 0) <= now),
      dueAt: changed ? reportAt : null,
      finished,
    },
    bulkUnderWay: stages.bulkUnderWay,
    verifying: row.verify_asked_by !== null,
    inheriting: row.inherit_json !== null,
    archiving: isArchiving(row),
    archiveAt: row.archive_json === null ? mayBeginAt(context) : 0,
    reportToDelete,
    blocked: memory.blocked,
  };
}

/** What the breaker and R2 let through together. */
function storageGate(
  { memory, now }: RunContext,
  breaker: Gate,
): Pick<Facts["sending"], "gate" | "gateOpensAt"> {
  const outage = memory.storage.send;
  const opensAt = storageOpensAt(outage, now);
  if (breaker.kind === "shut") return { gate: "shut", gateOpensAt: breaker.until };
  if (opensAt !== null) return { gate: "shut", gateOpensAt: opensAt };
  // one trial after each pause
  return { gate: outage === null ? breaker.kind : "probe", gateOpensAt: null };
}

/** A report is written when the run has ended, and before its packs go. */
function isArchiving(row: RunRow): boolean {
  const ended = row.stage === "sent_waiting_cleanup" || row.stage === "aborted" || row.stage === "cleaned";
  return ended && (row.archive_json === null || !(JSON.parse(row.archive_json) as { done: boolean }).done);
}

/** Batches that a claim could get now. */
function claimable(context: RunContext, run: StartedRun, totals: Totals): number {
  const { batches } = context.store;
  switch (mayClaim(context, run, totals).kind) {
    case "nothing":
      return 0;
    case "only_retries":
      return batches.retries("due", context.now, totals.batches_pending);
    case "any":
      // batches nobody claimed yet are had of an open file only
      if (context.store.files.firstFresh() === undefined)
        return batches.retries("due", context.now, totals.batches_pending);
      return totals.batches_pending - batches.retries("waiting", context.now, totals.batches_pending);
  }
}

function earliest(...times: (number | null)[]): number | null {
  const known = times.filter((time): time is number => time !== null);
  return known.length > 0 ? Math.min(...known) : null;
}
