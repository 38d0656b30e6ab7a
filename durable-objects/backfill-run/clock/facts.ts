// Turns rows, memory and settings into the facts that plan.ts and stages.ts decide on. Reads, never writes.
import { LANES } from "../../../src/contract/sending.ts";
import { gate, type Gate } from "../receiver/breaker.ts";
import { mayClaim } from "../sending/claim.ts";
import { pauseOf } from "../context/pause.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { isUnderWay } from "../../../src/listing/listing.ts";
import { limitsOf } from "../context/limits.ts";
import type { Facts } from "./plan.ts";
import { storageOpensAt } from "../context/storage-outage.ts";
import { mayBeginAt } from "../proof/evidence-generations.ts";
import { planOf } from "../context/plan-state.ts";
import { ALL_LISTED, deriveStage, isDelivered, type StageFacts, type StageNow } from "../stage/stages.ts";
import type { Totals } from "../ledger/totals.ts";
import { topicOf } from "./run-progress.ts";
import type { RunRow } from "../ledger/run-row.ts";
import { lastReported, reportOf } from "./progress-report.ts";
import { rateOf } from "../receiver/rate.ts";
import { slowAfterMs, usefulLoops } from "../receiver/useful-loops.ts";
import { restBeginsAt, restOf } from "../context/rest.ts";
import { stageFacts } from "../stage/stage-facts.ts";

/** How many batches and gzip bytes may wait to be sent before parsing pauses. */
const BACKLOG_BATCHES = 600;
const BACKLOG_BYTES = 128 * 1024 * 1024;
/** How often a working run reports its progress to the registry. A change of stage is reported at once. */
const REPORT_EVERY_MS = 5_000;

export function factsOf(context: RunContext, run: StartedRun): Facts {
  const { store, memory, now } = context;
  const { row, listing, breaker } = run;
  const totals = store.totals.read();
  const stages = stageFacts(context, run, totals);
  const derived = deriveStage(stages);
  const written = writtenStage(row);
  const isClean =
    row.stage === "cleaned" ||
    row.stage === "counted" ||
    (row.stage === "aborted" && row.cleanup_state === "done");
  const reportToDelete = store.reports.superfluous() !== null;
  const noticeAt = store.outbox.nextDueAt();
  const finished =
    isClean && !isArchiving(run) && !reportToDelete && row.verify_asked_by === null && noticeAt === null;
  const changed = JSON.stringify(reportOf(run, written, totals, finished)) !== row.reported_json;
  const urgent = changed && lastReported(row)?.stage !== row.stage;
  const reportAt = changed || finished ? row.reported_at + REPORT_EVERY_MS : null;
  const gateNow = gate(breaker, now);
  const nextLeaseEnd = earliest(store.files.firstParseLeaseEnd(), store.leases.firstEnd());
  const next = store.enqueueing.nextToEnqueue(now);
  const waitingNow = claimable(context, run, totals);
  return {
    now,
    written,
    derived,
    parked: pauseOf(row)?.park ?? false,
    slot: row.slot,
    slotRequested: memory.slotRequests.areOut,
    askForSlotAt: memory.slotRefusal.askAgainAt(now),
    rest: { restsUntil: restOf(context, run)?.until ?? null, beginsAt: restBeginsAt(context, run) },
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
      enqueueReady: next !== undefined,
      enqueueUrgent: next !== undefined && next.first_batch !== null,
      nextEnqueueAt: store.enqueueing.nextEnqueueAt(now),
      rateAllowsAt: Math.max(row.next_enqueue_at, storageOpensAt(memory.storage.parse, now) ?? 0),
      ahead: totals.files_parsing + store.enqueueing.countEnqueued(now),
      backlogFull:
        totals.batches_pending + totals.batches_leased >= BACKLOG_BATCHES ||
        totals.backlog_bytes >= BACKLOG_BYTES,
    },
    sending: {
      claimable: waitingNow,
      ...sendGate(context, gateNow),
      senders: memory.wakeUps.invocations(now),
      inFlight: memory.inFlight.count(now),
      wakeUpsOut: memory.wakeUps.out,
      wakeUpsLostAt: memory.wakeUps.lostAt(now),
      nextRetryAt: store.waiting.nextRetryAt(),
      // A receiver that has accepted no batch yet may be the wrong receiver. So only one sender may try.
      maxInFlight: Math.min(limitsOf(row).maxInFlight, row.receiver_print === null ? LANES : Infinity),
      usefulLoops: loopsFor(context, run, totals, waitingNow),
    },
    live: {
      nextCheckAt: stages.live.nextCheckAt,
      releaseReady: stages.live.releaseReady,
      recheckReady: totals.live_rechecks > 0 && isDelivered({ ...stages, live: ALL_LISTED }),
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
    dry: run.spec.dryRun ? dryFacts(context) : null,
    planStep: planStep(run, stages),
    comparing: stages.comparing,
    archiving: isArchiving(run),
    archiveAt: row.archive_json === null ? mayBeginAt(context) : 0,
    reportToDelete,
    noticeAt,
    logAt: memory.progressLog.dueAt(topicOf(written), now),
    blocked: memory.backOff.until,
  };
}

/** The stage in the run's row. */
export function writtenStage({ stage, reason_code: code, reason_detail: detail }: RunRow): StageNow {
  return { stage, reason: code === null ? null : { code, detail: detail ?? "" } };
}

/** Whether batches may be sent. The circuit breaker or an R2 outage decides, whichever allows less. */
function sendGate(
  { memory, now }: RunContext,
  breaker: Gate,
): Pick<Facts["sending"], "gate" | "gateOpensAt"> {
  const outage = memory.storage.send;
  const opensAt = storageOpensAt(outage, now);
  if (breaker.kind === "shut") return { gate: "shut", gateOpensAt: breaker.until };
  if (opensAt !== null) return { gate: "shut", gateOpensAt: opensAt };
  // While R2 fails, one batch is tried after each pause.
  return { gate: outage === null ? breaker.kind : "probe", gateOpensAt: null };
}

function dryFacts({ memory, now }: RunContext): Facts["dry"] {
  const cached = memory.sendingRunCache.fresh(now);
  return { mayParse: cached && cached.sendingRun === null, lookAgainAt: cached && cached.until };
}

/** The next step of a plan. A dry run is hashed when nothing is left to list and to parse. */
function planStep({ row, spec }: StartedRun, stages: StageFacts): Facts["planStep"] {
  const state = planOf(row);
  const { totals, listingFinal } = stages;
  if (state?.kind === "copying") return "copy_plan";
  if (state?.kind === "comparing") return listingFinal ? "compare_plan" : null;
  const isCounted = listingFinal && totals.files_listed + totals.files_parsing + totals.files_waiting === 0;
  return spec.dryRun && isCounted && state?.kind !== "counted" ? "hash_plan" : null;
}

/** The evidence is written when the run has ended, and before its packs are deleted. A dry run writes none. */
function isArchiving({ row, spec }: StartedRun): boolean {
  if (spec.dryRun) return false;
  const ended = row.stage === "sent_waiting_cleanup" || row.stage === "aborted" || row.stage === "cleaned";
  return ended && (row.archive_json === null || !(JSON.parse(row.archive_json) as { done: boolean }).done);
}

/** How many sender loops are useful for these batches and those in flight. A loop whose POST is open for long is not
 * counted among them. */
function loopsFor({ memory, now }: RunContext, { row }: StartedRun, totals: Totals, batches: number): number {
  const { rate, ready, late } = memory.limiter;
  const { latelyMs: answerMs } = rate;
  const speed = {
    // After an outage the rate doubles each second. The senders are woken for the rate to which the run returns.
    rate: rate.ramp?.to ?? rateOf(rate, limitsOf(row).maxLinesPerSecond, now),
    linesPerBatch: totals.batches_done === 0 ? null : totals.lines_done / totals.batches_done,
    answerMs,
    readyMs: ready.value,
    lateMs: late.value,
  };
  const slow = memory.inFlight.countOlder(slowAfterMs(answerMs), now);
  return usefulLoops(speed, batches + memory.inFlight.count(now) - slow) + slow;
}

/** Batches that a claim could get now. */
function claimable(context: RunContext, run: StartedRun, totals: Totals): number {
  const { waiting } = context.store;
  switch (mayClaim(context, run, totals).kind) {
    case "nothing":
      return 0;
    case "only_retries":
      return waiting.retries("due", context.now, totals.batches_pending);
    case "any":
      // Only an open file has batches that were never claimed.
      if (context.store.files.firstFresh() === undefined)
        return waiting.retries("due", context.now, totals.batches_pending);
      return totals.batches_pending - waiting.retries("waiting", context.now, totals.batches_pending);
  }
}

function earliest(...times: (number | null)[]): number | null {
  const known = times.filter((time): time is number => time !== null);
  return known.length > 0 ? Math.min(...known) : null;
}
