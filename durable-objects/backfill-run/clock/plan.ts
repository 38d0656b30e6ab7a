// Decides the clock's next step, or the time of its next tick, from facts and the present time. Does no I/O.
// carry-out.ts performs the step. Then the facts are read again and the next step is planned, until no step is left.
// The time of the next tick always comes from facts that were read after the last await.
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
  /** The stage in the run's row. */
  written: StageNow;
  /** The stage computed from the present rows. */
  derived: StageNow;
  /** Paused with `park`: the run releases the slot. */
  parked: boolean;
  slot: SlotSide;
  /** A request for the slot is unanswered. The answer may grant the slot, and a release now would free the slot
   * again. */
  slotRequested: boolean;
  /** When a run without the slot asks for the slot. */
  askForSlotAt: number;
  /** A run rests outside its hours, and when the lines of its day are used up. `restsUntil` null: the run does not
   * rest now. */
  rest: { restsUntil: number | null; beginsAt: number | null };
  leasesOut: number;
  /** At least one lease of a parser or a sender has ended without a report. */
  leaseExpired: boolean;
  nextLeaseEnd: number | null;
  listing: {
    /** The listing pass has tasks left. */
    underWay: boolean;
    /** When the run begins its next listing pass. Null: the listing is final. */
    nextPassAt: number | null;
  };
  parsing: {
    /** A listed file may be enqueued now. */
    enqueueReady: boolean;
    /** When the next listed file may be enqueued. */
    nextEnqueueAt: number | null;
    /** No file is enqueued before this time, because of a fixed rate or an R2 outage. */
    rateAllowsAt: number;
    /** Files enqueued or being parsed. At most PARSE_AHEAD_FILES. */
    ahead: number;
    /** Too many batches or bytes wait to be sent, so no further file is enqueued. */
    backlogFull: boolean;
    /** The next file has batches that wait for its pack. The backlog cannot shrink without the pack. */
    enqueueUrgent: boolean;
  };
  sending: {
    /** Batches that could be claimed now, up to some bound. */
    claimable: number;
    /** open: any batch may be sent. probe: one batch at a time. shut: no batch before `gateOpensAt`. */
    gate: "open" | "probe" | "shut";
    gateOpensAt: number | null;
    /** Invocations of senders that claimed within INVOCATION_SEEN_MS. `ending`: their time to claim is nearly over. */
    senders: { working: number; ending: number };
    /** Present send leases, without leases from before an eviction. */
    inFlight: number;
    /** Wake-ups that no invocation has answered. */
    wakeUpsOut: number;
    /** When these unanswered wake-ups count as lost. */
    wakeUpsLostAt: number;
    nextRetryAt: number | null;
    maxInFlight: number;
    /** How many sender loops are useful for the batches that wait and are in flight. */
    usefulLoops: number;
  };
  live: {
    /** When a file that waits for the live worker is enqueued again. */
    nextCheckAt: number | null;
    /** The size of the live worker's batches is believed, but batches are still held because of it. */
    releaseReady: boolean;
    /** Only markers remain to be listed before the run is delivered. */
    recheckReady: boolean;
  };
  cleanup: { state: CleanupState; endsAt: number | null; lateFound: boolean };
  /** A bulk command of an operator has rows left to change. */
  bulkUnderWay: boolean;
  verifying: boolean;
  /** The run continues another run, and is still copying that run's ledger. Until the copy is complete, no file is
   * parsed. */
  inheriting: boolean;
  /** Set for a dry run. `mayParse`: false while another run sends. `mayParse` null: the registry must be asked
   * again. */
  dry: { mayParse: boolean | null; lookAgainAt: number | null } | null;
  /** The next step of a plan. A run with from_plan copies and compares its plan before it parses any file. A dry
   * run hashes its plan. */
  planStep: "copy_plan" | "compare_plan" | "hash_plan" | null;
  /** A run with from_plan still compares the bucket with its plan. Until then it parses no file. */
  comparing: boolean;
  /** The run has ended and its evidence is not written yet. */
  archiving: boolean;
  /** No new generation of the evidence begins before this time. A generation that was begun is completed. */
  archiveAt: number;
  /** A superfluous generation of the evidence is still in R2. */
  reportToDelete: boolean;
  /** The progress report to the registry. */
  report: { due: boolean; dueAt: number | null; finished: boolean };
  /** When the next notice of the outbox is due. Null: the Notifier has taken all notices. */
  noticeAt: number | null;
  /** When the next line of the log about the run's progress is due. Null: the run has ended. */
  logAt: number | null;
  /** For each failed step: the time of the next try. */
  blocked: Partial<Record<StepName, number>>;
}

/** The most files enqueued or being parsed at once. Six parsers are fast enough for any receiver. An abort wastes
 * the work of at most six. */
const PARSE_AHEAD_FILES = 6;
/** How often the clock checks whether the backlog has shrunk. */
const BACKLOG_CHECK_MS = 1_000;
/** The longest sleep of a working run. If the clock misses an event, the run waits at most this long. */
const HEARTBEAT_MS = 15_000;
/** The longest sleep of a run that waits for an operator. */
const SLOW_HEARTBEAT_MS = 300_000;

export function plan(facts: Facts): Plan {
  const step = steps(facts).find((candidate) => !isBlocked(facts, candidate.do));
  return step ? { step } : { sleepUntil: wakeAt(facts) };
}

/** Every step that is possible now, with the most urgent step first. */
function steps(facts: Facts): Step[] {
  const list: Step[] = [];
  const { derived, written } = facts;
  if (facts.leaseExpired) list.push({ do: "reclaim_leases" });
  // This step comes before `enter_stage`: a run must own the slot before it enters a stage in which it sends.
  if (mustAcquire(facts)) list.push({ do: "acquire_slot" });
  if (derived.stage !== written.stage || derived.reason?.code !== written.reason?.code)
    list.push({ do: "enter_stage" });
  const mayRelease = facts.leasesOut === 0 && !facts.slotRequested;
  if (mustRelease(facts) && mayRelease) list.push({ do: "release_slot" });
  if (facts.logAt !== null && facts.logAt <= facts.now) list.push({ do: "log_progress" });
  if (facts.report.due) list.push({ do: "report" });
  if (facts.noticeAt !== null && facts.noticeAt <= facts.now) list.push({ do: "notify" });
  if (facts.inheriting && isAtWork(written.stage)) list.push({ do: "inherit" });
  // The evidence contains the result of a recount, so the recount ends first.
  if (facts.archiving && !facts.verifying && facts.now >= facts.archiveAt) list.push({ do: "archive" });
  else if (facts.reportToDelete) list.push({ do: "delete_report" });
  const cleanup = cleanupStep(facts);
  // Packs stay until the evidence is written.
  if (cleanup && !(facts.archiving && cleanup.do === "delete")) list.push(cleanup);
  // `enqueue` and `wake_senders` come before listing and recounting, because parsers and senders are idle until
  // then. Listing and recounting take many steps, and no parser or sender is idle meanwhile.
  const { enqueueReady, rateAllowsAt } = facts.parsing;
  if (mayEnqueue(facts) && enqueueReady && facts.now >= rateAllowsAt)
    list.push({ do: facts.dry?.mayParse === null ? "look_at_slot" : "enqueue" });
  const { nextCheckAt, releaseReady, recheckReady } = facts.live;
  if (mayWork(facts) && nextCheckAt !== null && nextCheckAt <= facts.now) list.push({ do: "wake_waiting" });
  // Batches that wait for proof of the live worker's batch size become sendable only while the backlog has room. So
  // few files are open at a time. If a later file contradicts the size, one turn can hold all open files.
  if (mayWork(facts) && releaseReady && !facts.parsing.backlogFull) list.push({ do: "release_proven" });
  if (mayWork(facts) && recheckReady) list.push({ do: "list_markers" });
  const wakeUps = wakeUpsWanted(facts);
  if (wakeUps > 0) list.push({ do: "wake_senders", wakeUps });
  if (facts.bulkUnderWay) list.push({ do: "bulk" });
  if (lists(facts)) {
    if (facts.listing.underWay) list.push({ do: "list" });
    else if (facts.listing.nextPassAt !== null && facts.now >= facts.listing.nextPassAt)
      list.push({ do: "begin_pass" });
  }
  if (facts.planStep !== null && isAtWork(written.stage)) list.push({ do: facts.planStep });
  if (facts.verifying) list.push({ do: "verify" });
  return list;
}

function isResting({ rest }: Facts): boolean {
  return rest.restsUntil !== null;
}

function mustRelease(facts: Facts): boolean {
  // The registry's answer to the release was lost, so the release is repeated.
  if (facts.slot === "releasing") return true;
  const { stage } = facts.written;
  return (
    facts.slot === "owned" &&
    (releasesSlot(stage, facts.parked) || (stage === "suspended" && isResting(facts)))
  );
}

function mustAcquire(facts: Facts): boolean {
  // The registry may have granted the slot although its answer was lost. So the run asks again, and can then
  // release the slot.
  if (facts.slot === "asking") return true;
  if (facts.slot !== "none" || facts.dry !== null || isResting(facts)) return false;
  return isAtWork(facts.written.stage) && isAtWork(facts.derived.stage) && facts.now >= facts.askForSlotAt;
}

function isBlocked(facts: Facts, name: StepName): boolean {
  return facts.now < (facts.blocked[name] ?? 0);
}

function lists(facts: Facts): boolean {
  const { stage } = facts.written;
  return facts.cleanup.state === "inspecting" ? stage === "sent_waiting_cleanup" : isAtWork(stage);
}

/** Whether the run may parse and send now. Without the slot, the run would refuse a parser's claim and could not
 * send batches. A dry run needs no slot, but it waits while another run sends. */
function mayWork(facts: Facts): boolean {
  const isAllowed = facts.dry === null ? facts.slot === "owned" : facts.dry.mayParse !== false;
  return isAllowed && mayParse(facts.written.stage, facts.written.reason?.code ?? null);
}

function mayEnqueue(facts: Facts): boolean {
  const { ahead, backlogFull, enqueueUrgent } = facts.parsing;
  // While a run rests, it starts no parser. So the last lease ends soon, and the run can release the slot.
  if (facts.inheriting || facts.comparing || isResting(facts)) return false;
  return mayWork(facts) && ahead < PARSE_AHEAD_FILES && (!backlogFull || enqueueUrgent);
}

function wakeUpsWanted(facts: Facts): number {
  const { claimable, gate, inFlight, wakeUpsOut, maxInFlight } = facts.sending;
  const { stage } = facts.written;
  const sends = stage === "scanning_and_queueing" || stage === "sending" || stage === "suspended";
  if (!sends || claimable === 0 || gate === "shut") return 0;
  const isProbe = gate === "probe";
  const { working, ending } = facts.sending.senders;
  // A lease does not show that its sender has a free sender loop, so six leases count as one busy sender. For a
  // probe, no lease counts, because its sender may have no free loop.
  const busy = isProbe ? 0 : Math.floor((inFlight - ending * LANES) / LANES);
  const senders = Math.max(working, busy);
  const loops = Math.min(claimable + inFlight, maxInFlight, facts.sending.usefulLoops);
  const wanted = isProbe ? 1 : Math.ceil(loops / LANES);
  const unanswered = facts.now < facts.sending.wakeUpsLostAt ? wakeUpsOut : 0;
  // The first wake-up is sent alone. It shows whether any sender answers. Later wake-ups wake more senders.
  if (senders === 0 && ending === 0) return unanswered > 0 ? 0 : 1;
  // Each round at most doubles the senders. So few wake-ups stay in the queue when the platform starts no more
  // senders, and each of them would later make a call that finds nothing.
  const missing = Math.min(wanted - senders, senders + ending);
  // One invocation handles the wake-ups that arrive together.
  return Math.max(0, missing * WAKE_UPS_PER_INVOCATION - unanswered);
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
  return (
    stage === "scanning_and_queueing" || stage === "sending" || stage === "suspended" || stage === "counting"
  );
}

/** The time of the next alarm. Null: the run is finished and needs no further alarm. */
function wakeAt(facts: Facts): number | null {
  const { now, parsing, sending, cleanup, report } = facts;
  if (report.finished && !report.due && report.dueAt === null && facts.slot === "none") return null;
  const times: (number | null)[] = [
    facts.nextLeaseEnd,
    report.dueAt,
    facts.logAt,
    facts.noticeAt,
    ...Object.values(facts.blocked),
  ];
  if (facts.archiving) times.push(facts.archiveAt);
  const isBusy = isAtWork(facts.written.stage) && !isResting(facts);
  times.push(now + (isBusy || facts.leasesOut > 0 ? HEARTBEAT_MS : SLOW_HEARTBEAT_MS));
  if (isAtWork(facts.written.stage)) times.push(facts.listing.nextPassAt, facts.rest.restsUntil);
  if (isBusy) {
    times.push(facts.rest.beginsAt, facts.slot === "none" ? facts.askForSlotAt : null);
    times.push(facts.live.nextCheckAt, parsing.nextEnqueueAt, sending.nextRetryAt, sending.gateOpensAt);
    if (parsing.enqueueReady) times.push(parsing.backlogFull ? now + BACKLOG_CHECK_MS : parsing.rateAllowsAt);
    if (parsing.enqueueReady && facts.dry) times.push(facts.dry.lookAgainAt);
    if (sending.claimable > 0 && sending.gate !== "shut")
      times.push(sending.wakeUpsLostAt, now + INVOCATION_SEEN_MS + 1);
  }
  if (facts.written.stage === "sent_waiting_cleanup" && cleanup.state === "pending")
    times.push(cleanup.endsAt);
  const future = times.filter((time): time is number => time !== null && time > now);
  return Math.min(...future);
}
