// The run's state machine. The stage is derived anew each time, from three kinds of facts: permanent facts (abort asked,
// paused, cleaned), present conditions (kill switch, secrets, breaker), and the work that is left. So the run cannot
// miss an event, and a suspension ends when its condition ends.
//
//   scanning_and_queueing   files are being listed or parsed                (batches may be sent meanwhile)
//   sending                 every file is parsed, batches are left
//   sent_waiting_cleanup    delivered: see `isDelivered`; the grace has not ended
//   cleaned                 delivered, and the run's own packs are gone                        never left
//   paused                  an operator or the canary paused the run; only an operator resumes it
//   suspended               kill switch, settings or receiver; ends by itself
//   needs_attention         nothing can go on by itself and something is unsettled
//   aborting → aborted      no new lease; aborted once nothing is leased                        never left
//   counting → counted      a dry run: files are listed, parsed and hashed; nothing is sent     never left
//
// The first stage that applies is taken, in the order of `deriveStage`.
import type { Stage } from "../../../src/contract/states.ts";
import { SIZE_UNPROVEN } from "../ledger/reasons.ts";
import { BATCH_PROBLEMS, FILE_PROBLEMS } from "../ledger/states.ts";
import type { Totals } from "../ledger/totals.ts";

export interface StageFacts {
  now: number;
  aborted: boolean;
  abortAsked: boolean;
  cleaned: boolean;
  pause: { code: string; detail: string } | null;
  /** The first condition that applies: kill switch, missing secrets, changed receiver, circuit breaker. */
  suspension: { code: string; detail: string } | null;
  /** Why the run sends noticeably below its cap. Null: the run does not. */
  slowed: { code: string; detail: string } | null;
  totals: Totals;
  /** Every listing pass is done, and the last pass began at or after the end of the margin. */
  listingFinal: boolean;
  /** When the final listing pass may begin. Until then the run waits for late files. */
  finalListingAt: number;
  /** Conditions of the whole run that wait for an operator's decision. */
  openCodes: { code: string; detail: string }[];
  /** The number of leases, including leases that were taken back although their sender may still send. */
  leasesOut: number;
  /** An operator's bulk command is not complete (bulk-commands.ts). */
  bulkUnderWay: boolean;
  /** Set for a dry run. `waitsFor`: why the dry run parses nothing now. Null: the run is no dry run. */
  dry: { isHashed: boolean; waitsFor: { code: string; detail: string } | null } | null;
  /** A run made from a plan still compares the bucket with the plan. Until then it parses no file. */
  comparing: boolean;
  /** Why the plan no longer fits the bucket. Such a run is aborted. */
  outdated: { code: string; detail: string } | null;
  live: LiveFacts;
}

export interface LiveFacts {
  /** When a file that waits for the live worker is enqueued again. Null: no file waits for a time. */
  nextCheckAt: number | null;
  /** The run trusts the live worker's batch size, but still has batches that were held because of it. */
  releaseReady: boolean;
  /** How many files have their markers listed again before the run is delivered. */
  rechecks: number;
}
/** The facts of a run that has listed all markers again. */
export const ALL_LISTED: LiveFacts = { nextCheckAt: null, releaseReady: false, rechecks: 0 };

export interface StageNow {
  stage: Stage;
  reason: { code: string; detail: string } | null;
}

export function deriveStage(facts: StageFacts): StageNow {
  const { outdated } = facts;
  if (facts.aborted) return { stage: "aborted", reason: outdated };
  if (facts.abortAsked) return { stage: facts.leasesOut === 0 ? "aborted" : "aborting", reason: outdated };
  if (facts.dry) return counting(facts, facts.dry);
  if (facts.cleaned) return { stage: "cleaned", reason: null };
  if (isDelivered(facts)) return { stage: "sent_waiting_cleanup", reason: null };
  if (facts.pause) return { stage: "paused", reason: { code: facts.pause.code, detail: facts.pause.detail } };
  if (isStuck(facts)) return { stage: "needs_attention", reason: attention(facts) };
  // The run rested, and another run sent lines of its window meanwhile. Only an operator can decide.
  if (facts.suspension?.code === "overlap") return { stage: "needs_attention", reason: facts.suspension };
  if (facts.suspension) return { stage: "suspended", reason: facts.suspension };
  const { totals, slowed } = facts;
  if (facts.comparing) return { stage: "scanning_and_queueing", reason: COMPARING };
  if (totals.files_listed + totals.files_parsing > 0)
    return { stage: "scanning_and_queueing", reason: slowed };
  if (totals.batches_pending + totals.batches_leased > 0 || facts.bulkUnderWay)
    return { stage: "sending", reason: slowed };
  if (facts.live.nextCheckAt !== null) return waitsForLive(facts.live.nextCheckAt);
  return facts.listingFinal ? { stage: "sending", reason: slowed } : waitsForLateFiles(facts);
}

const COMPARING = {
  code: "comparing_with_plan",
  detail: "the bucket is compared with the plan; nothing is parsed or sent before",
};

function counting(facts: StageFacts, { isHashed, waitsFor }: NonNullable<StageFacts["dry"]>): StageNow {
  if (isHashed) return { stage: "counted", reason: null };
  const stopped = stopsParsing(facts.suspension?.code ?? null) ? facts.suspension : null;
  const reason = stopped ?? waitsFor ?? facts.slowed;
  const { files_listed, files_parsing, files_waiting } = facts.totals;
  const waits =
    files_listed + files_parsing + files_waiting === 0 && !facts.listingFinal
      ? waitsForLateFiles(facts)
      : null;
  return { stage: "counting", reason: reason ?? waits?.reason ?? null };
}

function waitsForLive(at: number): StageNow {
  const detail = `files wait for the live worker; the next is looked at ${new Date(at).toISOString()}`;
  return { stage: "scanning_and_queueing", reason: { code: "waiting_for_live", detail } };
}

function waitsForLateFiles(facts: StageFacts): StageNow {
  if (facts.finalListingAt <= facts.now) return { stage: "scanning_and_queueing", reason: facts.slowed };
  const done = facts.dry ? "counted" : "sent";
  const detail = `everything found so far is ${done}; late files are looked for until ${new Date(facts.finalListingAt).toISOString()}`;
  return { stage: "scanning_and_queueing", reason: { code: "waiting_for_late_files", detail } };
}

/** Delivered: the listing is final, every file is closed or accepted, every batch is settled. No other code decides
 * this. */
export function isDelivered(
  facts: Pick<StageFacts, "totals" | "listingFinal" | "openCodes" | "bulkUnderWay" | "comparing" | "live">,
): boolean {
  const t = facts.totals;
  const filesLeft =
    t.files_listed + t.files_parsing + t.files_waiting + t.files_open + facts.live.rechecks + problemFiles(t);
  const batchesLeft = t.batches_pending + t.batches_leased + problemBatches(t);
  const nothingLeft = filesLeft === 0 && batchesLeft === 0 && facts.openCodes.length === 0;
  const isBusy = facts.bulkUnderWay || facts.comparing;
  return facts.listingFinal && !isBusy && nothingLeft && balances(t);
}

export function problemFiles(t: Totals): number {
  return FILE_PROBLEMS.reduce((sum, state) => sum + t[`files_${state}`], 0);
}
function problemBatches(t: Totals): number {
  return BATCH_PROBLEMS.reduce((sum, state) => sum + t[`batches_${state}`], 0);
}

/** Whether the run's sums balance: each line that was read is kept, dropped or malformed, and each kept line is in
 * a batch. */
export function balances(t: Totals): boolean {
  const dropped =
    t.dropped_not_top_level +
    t.dropped_invalid_timestamp +
    t.dropped_outside_window +
    t.dropped_delivered_live +
    t.dropped_repeated_ray_id;
  return t.read === t.kept + dropped + t.malformed;
}

function isStuck(facts: StageFacts): boolean {
  const t = facts.totals;
  const { nextCheckAt, releaseReady, rechecks } = facts.live;
  const isListed = rechecks > 0 && isDelivered({ ...facts, live: ALL_LISTED });
  const goesOn =
    !facts.listingFinal ||
    facts.bulkUnderWay ||
    facts.comparing ||
    nextCheckAt !== null ||
    releaseReady ||
    isListed ||
    t.files_listed + t.files_parsing + t.batches_pending + t.batches_leased > 0;
  return !goesOn;
}

/** Returns a noun such as "held batches", or "held batch" for one. */
function nounOf(code: string, count: number): string {
  const words = code.replace("_", " ");
  return count === 1 ? words.replace(/files$/, "file").replace(/batches$/, "batch") : words;
}

const ASKS_ABOUT_ANSWERS = new Set(["unusual_answers", "receiver_answer_does_not_match"]);

function attention(facts: StageFacts): { code: string; detail: string } {
  const t = facts.totals;
  const named: [string, number][] = [
    ...FILE_PROBLEMS.map((state): [string, number] => {
      // Waiting duplicates have the code `duplicate_objects` instead.
      const spokenFor = state === "suspicious" ? t.files_duplicate : 0;
      return [`${state}_files`, t[`files_${state}`] - spokenFor];
    }),
    ...BATCH_PROBLEMS.map((state): [string, number] => [`${state}_batches`, t[`batches_${state}`]]),
  ];
  const found = named.filter(([, count]) => count > 0);
  // While the run waits for a decision about answers, batches are held because of these answers. So the reason is
  // about the answers.
  const aboutAnswers = ASKS_ABOUT_ANSWERS.has(facts.suspension?.code ?? "") ? facts.suspension : null;
  if (aboutAnswers && t.batches_held > 0) return aboutAnswers;
  const [firstOpen] = facts.openCodes;
  // When the size of the live worker's batches is not proven, held batches need no decision of their own.
  const isSize = facts.openCodes.some(({ code }) => code === SIZE_UNPROVEN);
  const firstFound = found.find(([code]) => !(isSize && code === "held_batches"));
  const words = found.map(([code, count]) => `${count} ${nounOf(code, count)}`);
  const detail = [...words, ...facts.openCodes.map((open) => open.detail)].join("; ");
  if (!firstFound && !firstOpen) return { code: "unbalanced", detail: "the sums do not balance: run verify" };
  return { code: firstOpen && !firstFound ? firstOpen.code : (firstFound?.[0] ?? "unbalanced"), detail };
}

/** Stages in which the run sends nothing and releases the receiver's slot. */
export function releasesSlot(stage: Stage, parked: boolean): boolean {
  switch (stage) {
    case "sent_waiting_cleanup":
    case "cleaned":
    case "aborted":
    case "counted":
    case "needs_attention":
      return true;
    case "paused":
      return parked;
    case "scanning_and_queueing":
    case "sending":
    case "suspended":
    case "aborting":
    case "counting":
      return false;
  }
}

/** Suspensions in which the run also parses nothing: it enqueues no file, and no parser may claim a file. */
export function stopsParsing(suspensionCode: string | null): boolean {
  return suspensionCode === "disabled" || suspensionCode === "bad_configuration";
}

/** Stages in which new files may be parsed, and new batches claimed. A suspended run may send a probe. */
export function mayParse(stage: Stage, reasonCode: string | null): boolean {
  if (stage === "suspended") return !stopsParsing(reasonCode);
  return (
    stage === "scanning_and_queueing" ||
    stage === "sending" ||
    (stage === "counting" && !stopsParsing(reasonCode))
  );
}
