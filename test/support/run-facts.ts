// Facts for stages.ts and plan.ts. They are those of a quiet run, with the changes that a test needs.
import { BATCH_STATES, FILE_STATES } from "../../src/contract/states.ts";
import type { Facts } from "../../durable-objects/backfill-run/clock/plan.ts";
import type { StageFacts } from "../../durable-objects/backfill-run/stage/stages.ts";
import type { Totals } from "../../durable-objects/backfill-run/ledger/totals.ts";

export const NOW = Date.parse("2030-04-22T18:00:00Z");

export function totalsOf(over: Partial<Totals> = {}): Totals {
  const names = [
    ...FILE_STATES.map((state) => `files_${state}`),
    ...BATCH_STATES.flatMap((state) => [`batches_${state}`, `lines_${state}`]),
    "files_duplicate",
    "read",
    "kept",
    "malformed",
    "empty_lines",
    "dropped_not_top_level",
    "dropped_invalid_timestamp",
    "dropped_outside_window",
    "dropped_delivered_live",
    "dropped_repeated_ray_id",
    "sanitized_fields",
    "repeated_ray_ids",
    "untracked_ray_ids",
    "repaired",
    ...["lines", "times", "parents"].flatMap((name) => [`${name}_checked`, `${name}_failing`]),
    "backlog_bytes",
    "duplicate_lines",
    "possible_duplicate_lines",
    "uncertain_attempts",
    "exceptions",
    "inherited_lines",
    "inherited_attempts",
    "matched_files",
    "live_rechecks",
    "live_waiting_lines",
    "live_meanwhile_batches",
    "live_meanwhile_lines",
    "parse_dead_letters",
    "send_dead_letters",
  ];
  return { ...(Object.fromEntries(names.map((name) => [name, 0])) as Totals), ...over };
}

/** The facts of a stage. By default the run is delivered, with one closed file and one done batch. */
export function stageFacts(over: Partial<StageFacts> = {}, totals: Partial<Totals> = {}): StageFacts {
  return {
    now: NOW,
    aborted: false,
    abortAsked: false,
    cleaned: false,
    pause: null,
    suspension: null,
    slowed: null,
    totals: totalsOf({
      files_closed: 1,
      batches_done: 1,
      lines_done: 10,
      read: 12,
      kept: 10,
      malformed: 2,
      ...totals,
    }),
    listingFinal: true,
    finalListingAt: NOW - 1,
    openCodes: [],
    leasesOut: 0,
    bulkUnderWay: false,
    dry: null,
    comparing: false,
    outdated: null,
    live: { nextCheckAt: null, releaseReady: false, rechecks: 0 },
    ...over,
  };
}

/** The facts of a working run that has nothing to do now. */
export function quietFacts(over: Partial<Facts> = {}): Facts {
  return {
    now: NOW,
    written: { stage: "sending", reason: null },
    derived: { stage: over.written?.stage ?? "sending", reason: over.written?.reason ?? null },
    parked: false,
    slot: "owned",
    slotRequested: false,
    askForSlotAt: NOW,
    rest: { restsUntil: null, beginsAt: null },
    leasesOut: 0,
    leaseExpired: false,
    nextLeaseEnd: null,
    listing: { underWay: false, nextPassAt: null },
    parsing: {
      enqueueReady: false,
      nextEnqueueAt: null,
      rateAllowsAt: 0,
      ahead: 0,
      backlogFull: false,
      enqueueUrgent: false,
    },
    sending: {
      claimable: 0,
      gate: "open",
      gateOpensAt: null,
      senders: { working: 0, ending: 0 },
      inFlight: 0,
      wakeUpsOut: 0,
      wakeUpsLostAt: 0,
      nextRetryAt: null,
      usefulLoops: Infinity,
      maxInFlight: 60,
    },
    live: { nextCheckAt: null, releaseReady: false, recheckReady: false },
    cleanup: { state: "pending", endsAt: null, lateFound: false },
    report: { due: false, dueAt: null, finished: false },
    bulkUnderWay: false,
    verifying: false,
    inheriting: false,
    dry: null,
    planStep: null,
    comparing: false,
    archiving: false,
    archiveAt: 0,
    reportToDelete: false,
    noticeAt: null,
    logAt: null,
    blocked: {},
    ...over,
  };
}
