// State + now → the next step, and when to wake. Pure. The one function that decides what the clock does next:
// carry-out.ts performs the step, the facts are read again, and so on until there is nothing to do but sleep.
// A wake time always comes from the facts of now, never from a value read before an await.
import { LANES } from "../../../src/contract/sending.ts";
import type { CleanupState, Stage } from "../../../src/contract/states.ts";
import type { SlotSide } from "../ledger/run-row.ts";
import { mayParse, releasesSlot, type StageNow } from "../stage/stages.ts";
import type { StepName } from "../context/step-back-off.ts";
import { WAKE_UPS_PER_INVOCATION, INVOCATION_SEEN_MS } from "../context/wake-ups.ts";

export type Step = { do: Exclude<StepName, "wake_senders"> } | { do: "wake_senders"; wakeUps: number };
export type Plan = { step: Step } | { sleepUntil: number | null };

export interface Facts {
  now: number;
  /** As written in the row, and as it follows from the rows now. */
  written: StageNow;
  derived: StageNow;
  parked: boolean;
  slot: SlotSide;
  /** The registry was asked for the slot and has not answered: its "yes" must not meet a release. */
  slotRequested: boolean;
  leasesOut: number;
  /** A lease of either kind ran out, and when the next one will. */
  leaseExpired: boolean;
  nextLeaseEnd: number | null;
  listing: {
    /** A pass has tasks left. */
    underWay: boolean;
    /** The next pass of the run itself, null when the listing is final. */
    nextPassAt: number | null;
  };
  parsing: {
    /** A listed file may be enqueued now, and when the next file may. */
    enqueueReady: boolean;
    nextEnqueueAt: number | null;
    /** Fixed rate: not before this. */
    rateAllowsAt: number;
    /** Messages out and files being parsed, against the bound; batches and bytes that wait to be sent. */
    ahead: number;
    backlogFull: boolean;
    /** The next file has batches that wait for its pack. The backlog cannot shrink without the pack. */
    enqueueUrgent: boolean;
  };
  sending: {
    /** Batches that could be claimed now, up to some bound. */
    claimable: number;
    /** What the breaker lets through, and when it lets the next probe through. */
    gate: "open" | "probe" | "shut";
    gateOpensAt: number | null;
    /** Invocations that claimed lately, and send leases that this life of the object gave. */
    invocations: number;
    inFlight: number;
    /** Wake-ups that no invocation has answered, and when they count as lost. */
    wakeUpsOut: number;
    wakeUpsLostAt: number;
    nextRetryAt: number | null;
    maxInFlight: number;
  };
  cleanup: { state: CleanupState; endsAt: number | null; lateFound: boolean };
  /** A command of an operator still changes rows. */
  bulkUnderWay: boolean;
  verifying: boolean;
  /** continue_of: the earlier run's ledger is still being taken over; nothing is parsed before that. */
  inheriting: boolean;
  /** The run has ended and its report is not written yet. */
  archiving: boolean;
  /** Before this no writing of a report begins; one that is under way goes on. */
  archiveAt: number;
  /** A generation of the report that nobody needs is still there. */
  reportToDelete: boolean;
  report: { due: boolean; dueAt: number | null; finished: boolean };
  /** Steps that failed lately, and until when each is left alone. */
  blocked: Partial<Record<StepName, number>>;
}

/** Files enqueued or being parsed at once: enough for any receiver, and little to undo at an abort. */
export const PARSE_AHEAD_FILES = 6;
/** While work waits for the backlog to shrink, look again this often. */
const BACKLOG_LOOK_MS = 1_000;
/** No sleep of a run at work is longer: whatever was overlooked is found. */
const HEARTBEAT_MS = 15_000;
/** Nor of one that waits for an operator. */
const SLOW_HEARTBEAT_MS = 300_000;

export function plan(facts: Facts): Plan {
  const step = steps(facts).find((candidate) => !isBlocked(facts, candidate.do));
  return step ? { step } : { sleepUntil: wakeAt(facts) };
}

/** What could be done now, most urgent first. */
function steps(facts: Facts): Step[] {
  const list: Step[] = [];
  const { derived, written } = facts;
  if (facts.leaseExpired) list.push({ do: "reclaim_leases" });
  if (derived.stage !== written.stage || derived.reason?.code !== written.reason?.code)
    list.push({ do: "enter_stage" });
  const isOurs = facts.slot === "held" || facts.slot === "releasing";
  const mayRelease = facts.leasesOut === 0 && !facts.slotRequested;
  if (isOurs && releasesSlot(written.stage, facts.parked) && mayRelease) list.push({ do: "release_slot" });
  // an answer that was lost is asked for again: it may have been yes, and then the slot must be given back one day
  if (facts.slot === "asking" || (facts.slot === "none" && isAtWork(written.stage)))
    list.push({ do: "acquire_slot" });
  if (facts.report.due) list.push({ do: "report" });
  if (facts.inheriting && isAtWork(written.stage)) list.push({ do: "inherit" });
  // the report of an ended run tells the recount that was asked for
  if (facts.archiving && !facts.verifying && facts.now >= facts.archiveAt) list.push({ do: "archive" });
  else if (facts.reportToDelete) list.push({ do: "delete_report" });
  const cleanup = cleanupStep(facts);
  // packs stay until the report is written
  if (cleanup && !(facts.archiving && cleanup.do === "delete")) list.push(cleanup);
  // work for others before work of the clock's own: lists and recounts are many steps, and nobody waits for one of them
  const { enqueueReady, rateAllowsAt } = facts.parsing;
  if (!facts.inheriting && mayEnqueue(facts) && enqueueReady && facts.now >= rateAllowsAt)
    list.push({ do: "enqueue" });
  const wakeUps = wakeUpsWanted(facts);
  if (wakeUps > 0) list.push({ do: "wake_senders", wakeUps });
  if (facts.bulkUnderWay) list.push({ do: "bulk" });
  if (lists(facts)) {
    if (facts.listing.underWay) list.push({ do: "list" });
    else if (facts.listing.nextPassAt !== null && facts.now >= facts.listing.nextPassAt)
      list.push({ do: "begin_pass" });
  }
  if (facts.verifying) list.push({ do: "verify" });
  return list;
}

function isBlocked(facts: Facts, name: StepName): boolean {
  return facts.now < (facts.blocked[name] ?? 0);
}

function lists(facts: Facts): boolean {
  const { stage } = facts.written;
  return facts.cleanup.state === "inspecting" ? stage === "sent_waiting_cleanup" : isAtWork(stage);
}

function mayEnqueue(facts: Facts): boolean {
  const { ahead, backlogFull, enqueueUrgent } = facts.parsing;
  // a parser's claim is refused without the slot
  return (
    facts.slot === "held" &&
    mayParse(facts.written.stage, facts.written.reason?.code ?? null) &&
    ahead < PARSE_AHEAD_FILES &&
    (!backlogFull || enqueueUrgent)
  );
}

function wakeUpsWanted(facts: Facts): number {
  const { claimable, gate, inFlight, wakeUpsOut, maxInFlight } = facts.sending;
  const { stage } = facts.written;
  const sends = stage === "scanning_and_queueing" || stage === "sending" || stage === "suspended";
  if (!sends || claimable === 0 || gate === "shut") return 0;
  const isProbe = gate === "probe";
  // One lease does not prove that its sender has a free loop. Count six leases as one busy sender, and ignore
  // leases while probing.
  const invocations = Math.max(facts.sending.invocations, isProbe ? 0 : Math.floor(inFlight / LANES));
  const wanted = isProbe ? 1 : Math.ceil(Math.min(claimable + inFlight, maxInFlight) / LANES);
  const unanswered = facts.now < facts.sending.wakeUpsLostAt ? wakeUpsOut : 0;
  // The first wake-up goes alone. It shows whether any sender answers, and the next ones wake more senders.
  if (invocations === 0) return unanswered > 0 ? 0 : 1;
  const missing = wanted - invocations;
  // One invocation answers the wake-ups that arrive together. The last wake-up may arrive alone.
  return missing <= 0 ? 0 : Math.max(0, (missing - 1) * WAKE_UPS_PER_INVOCATION + 1 - unanswered);
}

function cleanupStep(facts: Facts): Step | null {
  const { state, endsAt, lateFound } = facts.cleanup;
  const { stage } = facts.written;
  if (stage !== "sent_waiting_cleanup" && stage !== "aborted") return null;
  switch (state) {
    case "pending":
      if (stage === "aborted") return { do: "cleanup_ready" };
      return endsAt !== null && facts.now >= endsAt ? { do: "inspect" } : null;
    case "inspecting":
      return facts.listing.underWay || lateFound ? null : { do: "cleanup_ready" };
    case "ready":
    case "deleting":
      return { do: "delete" };
    case "done":
      return null;
  }
}

function isAtWork(stage: Stage): boolean {
  return stage === "scanning_and_queueing" || stage === "sending" || stage === "suspended";
}

/** When the clock must tick next; null when nothing can ever be left to do. */
function wakeAt(facts: Facts): number | null {
  const { now, parsing, sending, cleanup, report } = facts;
  if (report.finished && !report.due && report.dueAt === null && facts.slot === "none") return null;
  const times: (number | null)[] = [facts.nextLeaseEnd, report.dueAt, ...Object.values(facts.blocked)];
  if (facts.archiving) times.push(facts.archiveAt);
  times.push(now + (isAtWork(facts.written.stage) || facts.leasesOut > 0 ? HEARTBEAT_MS : SLOW_HEARTBEAT_MS));
  if (isAtWork(facts.written.stage)) {
    times.push(facts.listing.nextPassAt, parsing.nextEnqueueAt, sending.nextRetryAt, sending.gateOpensAt);
    if (parsing.enqueueReady) times.push(parsing.backlogFull ? now + BACKLOG_LOOK_MS : parsing.rateAllowsAt);
    if (sending.claimable > 0 && sending.gate !== "shut")
      times.push(sending.wakeUpsLostAt, now + INVOCATION_SEEN_MS + 1);
  }
  if (facts.written.stage === "sent_waiting_cleanup" && cleanup.state === "pending")
    times.push(cleanup.endsAt);
  const future = times.filter((time): time is number => time !== null && time > now);
  return Math.min(...future);
}
