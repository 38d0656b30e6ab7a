// What others may ask the registry of one receiver: who may send now, and which runs there are.
import { LIMIT_NAMES } from "./limits.ts";
import type { Json, Page, Refused, Stage } from "./states.ts";
import type { RunSpec } from "./run.ts";
import type { RunStatus } from "./views.ts";

/** A run as POST /runs asks for it: the specification without what admission decides. */
export type WantedRun = Omit<RunSpec, "runId" | "createdAt"> & {
  /** With `continueOf`: what the request leaves open, and the run that is continued decides. */
  takeOver?: TakenOver[];
};
/** Members of a specification that a run takes over from the one it continues, unless they are given. */
export const TAKEN_OVER_UNLESS_GIVEN = [
  ...LIMIT_NAMES, "onRefused", "refusalIsAtomic",
] as const satisfies readonly (keyof RunSpec)[]; // prettier-ignore
export type TakenOver = (typeof TAKEN_OVER_UNLESS_GIVEN)[number];

/** `bodyHash` is what a repeat of the key is compared with. */
export interface Idempotency {
  /** The Idempotency-Key header. */
  key: string;
  /** SHA-256 (hex) of the request's canonical JSON. */
  bodyHash: string;
}

export type AdmitAnswer =
  | { ok: true; replayed: boolean; runId: string; status: RunStatus }
  | (Refused<"slot_taken"> & { holder: string })
  | (Refused<"overlap"> & { overlaps: Overlap[] })
  | Refused<"not_continuable">
  | Refused<"idempotency_mismatch">
  /** The run is admitted and holds the slot, but its object did not answer; the registry's alarm starts it again. */
  | (Refused<"unconfirmed"> & { runId: string });

/** `unknown_key` also while the first request with this key has no answer yet: admit settles that. */
export type RecallAnswer =
  { ok: true; runId: string; status: RunStatus } | Refused<"idempotency_mismatch" | "unknown_key">;

/** An earlier run that sent lines of this window, and the part of it that both cover. */
export interface Overlap {
  run: string;
  start: string;
  end: string;
}

/** One line of GET /runs, as the run last reported it (never a counter of the registry's own). */
export interface RunSummary {
  id: string;
  created_at: string;
  start: string;
  end: string;
  stage_code: Stage;
  summary: string;
  note: string | null;
  actor: string;
  /** Holds the receiver's slot: the one run that may send. */
  active: boolean;
  finished: boolean;
  log_lines_sent: number;
  /** Null for a run that has not reported since these figures exist. */
  exceptions: number | null;
  delivered_at: string | null;
  /** From its start to its delivery or abort, or until now. */
  duration_seconds: number | null;
  /** Lines delivered, over the duration. */
  lines_per_second_avg: number | null;
  [more: string]: Json;
}

/** What a run tells the registry about itself. `finished`: cleaned, or aborted and clean; it needs no more pokes. */
export interface RunReport {
  runId: string;
  stage: Stage;
  summary: string;
  finished: boolean;
  /** At least one batch is done or has an uncertain attempt: overlapping windows would send lines again. */
  sentSomething: boolean;
  logLinesSent: number;
  /** Absent from code before 0002. Times are epoch ms. */
  exceptions?: number;
  startedAt?: number;
  deliveredAt?: number | null;
  /** Delivered or aborted; null while it is neither. */
  endedAt?: number | null;
}

/** Which runs GET /runs shows. What is absent does not matter. */
export interface RunsFilter {
  stages?: readonly string[];
  /** Admitted at or after, and at or before; epoch ms. */
  since?: number;
  until?: number;
  /** Whether something was accepted, discarded or settled by hand. */
  exceptions?: boolean;
}
export type RunsQuery = { cursor: string | null; limit: number } & RunsFilter;

export type SlotAnswer =
  | { ok: true; fence: number; notBefore: number }
  | (Refused<"slot_taken"> & { holder: string })
  | (Refused<"overlap"> & { overlaps: Overlap[] });

export interface RunRegistryApi {
  /** The first answer to this key, before anything else about the request is judged; changes nothing. */
  recall(idempotency: Idempotency): Promise<RecallAnswer>;
  /** `idempotency` is null without the header. */
  admit(wanted: WantedRun, idempotency: Idempotency | null): Promise<AdmitAnswer>;
  list(query: RunsQuery): Promise<{ ok: true; page: Page<RunSummary> } | Refused<"bad_cursor">>;
  knows(runId: string): Promise<boolean>;
  /** From a run's alarm. It frees no slot: only `release` does, which the run repeats until it succeeds. */
  report(report: RunReport): Promise<void>;
  /**
   * The present holder gets its grant again (its answer may have been lost); the run counts as unfinished from then on.
   * `replay`: lines of its window that another run sent meanwhile are meant to be sent again.
   * @throws Error for a run that was never admitted.
   */
  acquire(runId: string, replay?: boolean): Promise<SlotAnswer>;
  /**
   * `lastGrantedAt`: the newest instant at which this holder let a batch leave; the next holder starts after it.
   * A release by anybody but the holder, or with an older fence, changes nothing.
   */
  release(runId: string, fence: number, lastGrantedAt: number, sentSomething: boolean): Promise<void>;
  /** Every API request: re-arms the registry's clock if it stands. */
  poke(): Promise<void>;
}
