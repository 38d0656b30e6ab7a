// The registry's decisions: plain data in, tagged values out. No SQL, no I/O, no clock: `now` is passed in.
import type { Window } from "../../src/contract/parse-spec.ts";
import type { Stage } from "../../src/contract/states.ts";
import type { Overlap } from "../../src/contract/registry.ts";
import { isoSecond, runIdOf } from "../../src/contract/run-id.ts";
import { DAY_MS } from "../../src/contract/time-units.ts";

/** How long the first answer to an Idempotency-Key is kept. A longer time keeps useless rows. A shorter time loses
 * late retries. */
export const IDEMPOTENCY_TTL_MS = DAY_MS;
/** How often an unfinished run is poked. A stopped clock of a run is noticed within this time. */
export const POKE_EVERY_MS = 60_000;
/** How soon an unanswered start is tried again. The time is short, because no other run can get the slot meanwhile. */
export const START_AGAIN_MS = 5_000;

export interface Slot {
  holder: string | null;
  fence: number;
  notBefore: number;
}

export interface Remembered {
  bodyHash: string;
  runId: string;
  /** RunStatus as JSON. Null while the run has not answered yet. */
  answer: string | null;
  createdAt: number;
}

export type Admission =
  | { kind: "replay"; runId: string; answer: string | null }
  | { kind: "idempotency_mismatch" }
  | { kind: "slot_taken"; holder: string }
  | { kind: "overlap"; overlaps: Overlap[] }
  | { kind: "not_continuable"; detail: string }
  | { kind: "dry_run_under_way"; holder: string }
  | PlanRefusal
  | { kind: "admit"; runId: string; createdAt: number };

export type PlanRefusal = {
  kind: "plan_not_usable" | "plan_outdated";
  field: "from_plan" | "plan_hash" | "max_lines_per_second" | "daily_lines";
  detail: string;
};

/** Checks the key first, because the run of a known key already exists, whichever run owns the slot. Then checks the
 * slot. Then adds seconds to `created` until the run's id is free. A dry run sends nothing. So a dry run needs no
 * slot, and may count lines that another run sent. */
export function decideAdmission(
  request: {
    window: Window;
    /** The receiver of RECEIVERS. Undefined: the first receiver. */
    receiver: string | undefined;
    replay: boolean;
    isDry: boolean;
    continueOf: string | null;
    /** Runs that are no overlaps: the run to continue, the run that it continued, and so on. */
    except: string[];
    bodyHash: string | null;
  },
  state: {
    remembered: Remembered | undefined;
    slot: Slot;
    isTaken: (runId: string) => boolean;
    /** The stage of the run to continue. Undefined when the run is unknown. */
    earlierStage: Stage | undefined;
    /** The unfinished dry run, if there is one. */
    dryRun: string | null;
    /** Why the plan of the request's `from_plan` cannot be used. */
    planRefusal: PlanRefusal | null;
    /** Runs that sent lines of this window. */
    senders: { runId: string; window: Window }[];
  },
  now: number,
): Admission {
  const { remembered, slot, isTaken } = state;
  if (remembered && !isExpired(remembered, now)) {
    if (remembered.bodyHash !== request.bodyHash) return { kind: "idempotency_mismatch" };
    return { kind: "replay", runId: remembered.runId, answer: remembered.answer };
  }
  const { continueOf, window, receiver, replay, isDry } = request;
  if (isDry && state.dryRun !== null) return { kind: "dry_run_under_way", holder: state.dryRun };
  if (!isDry && slot.holder !== null) return { kind: "slot_taken", holder: slot.holder };
  if (state.planRefusal) return state.planRefusal;
  if (continueOf !== null && state.earlierStage !== "aborted") {
    const detail = state.earlierStage
      ? `is ${state.earlierStage}; only an aborted run is continued`
      : "is unknown";
    return { kind: "not_continuable", detail: `run ${continueOf} ${detail}` };
  }
  const overlaps = replay || isDry ? [] : overlapsWith(window, request.except, state.senders);
  if (overlaps.length > 0) return { kind: "overlap", overlaps };
  const { startMs, endMs } = window;
  let createdAt = now - (now % 1_000);
  while (isTaken(runIdOf(startMs, endMs, createdAt, receiver))) createdAt += 1_000;
  return { kind: "admit", runId: runIdOf(startMs, endMs, createdAt, receiver), createdAt };
}

/** Compares windows as exact instants. An inclusive end and a start at the same second share that instant. */
export function overlapsWith(
  window: Window,
  except: string[],
  senders: { runId: string; window: Window }[],
): Overlap[] {
  return senders
    .filter(({ runId }) => !except.includes(runId))
    .flatMap(({ runId, window: other }) => {
      const from = Math.max(window.startMs, other.startMs);
      const to = Math.min(window.endMs, other.endMs);
      const endsOpen = [window, other].some((one) => one.endExclusive && one.endMs === to);
      if (from > to || (from === to && endsOpen)) return [];
      return [{ run: runId, start: isoSecond(from), end: isoSecond(to) }];
    });
}

/** The stages in which the run that owns the slot parses nothing, even if it sends. */
const PARSES_NOTHING: ReadonlySet<Stage> = new Set(["paused", "aborting", "aborted", "needs_attention"]);

/** The run for which a dry run waits: the run that owns the slot, unless it last reported a stage in which nothing is
 * parsed. */
export function sendingRunOf(slot: Slot, stageOfHolder: Stage | undefined): string | null {
  const isIdle = stageOfHolder !== undefined && PARSES_NOTHING.has(stageOfHolder);
  return isIdle ? null : slot.holder;
}

export function isExpired(remembered: Pick<Remembered, "createdAt">, now: number): boolean {
  return now - remembered.createdAt >= IDEMPOTENCY_TTL_MS;
}

export type SlotDecision =
  | { kind: "slot_taken"; holder: string }
  /** The run already owns the slot. The run requests the slot again, because the first answer was lost. */
  | { kind: "already"; slot: Slot }
  | { kind: "grant"; slot: Slot };

export function decideAcquire(slot: Slot, runId: string): SlotDecision {
  if (slot.holder === runId) return { kind: "already", slot };
  if (slot.holder !== null) return { kind: "slot_taken", holder: slot.holder };
  return { kind: "grant", slot: grantedTo(slot, runId) };
}

export function grantedTo(slot: Slot, runId: string): Slot {
  return { holder: runId, fence: slot.fence + 1, notBefore: slot.notBefore };
}

/** The slot after a release. Undefined: nothing changes, because this run does not own the slot, or its fence is
 * older than the present fence. */
export function decideRelease(
  slot: Slot,
  runId: string,
  fence: number,
  lastPermitEnd: number,
): Slot | undefined {
  if (slot.holder !== runId || slot.fence !== fence) return undefined;
  return { holder: null, fence: slot.fence, notBefore: Math.max(slot.notBefore, lastPermitEnd) };
}

/** When the alarm must fire: at the time of the run that is due first, never in the past. Null: no run is
 * unfinished. */
export function nextWakeAt(earliestPokeAt: number | null, now: number): number | null {
  if (earliestPokeAt === null) return null;
  // A time farther in the future than the longest wait means that the clock was set back.
  return earliestPokeAt > now + POKE_EVERY_MS ? now + 1 : Math.max(earliestPokeAt, now + 1);
}

/** Whether the present alarm is missing, overdue (so it was lost), or later than needed. */
export function mustRearm(set: number | null, wakeAt: number | null, now: number): boolean {
  return wakeAt !== null && (set === null || set < now || set > wakeAt);
}
