// The RPC methods of one receiver's registry: which run may send now, and which runs exist. Each receiver of a deployment
// has a registry of its own.
import { LIMIT_NAMES } from "./limits.ts";
import type { RegistryMetrics } from "./registry-metrics.ts";
import type { Page, Refused, Stage } from "./states.ts";
import type { RunSpec } from "./run.ts";
import type { StatsQuery, StatsView } from "./stats.ts";
import type { RunStatus } from "./views.ts";

/** A run as POST /runs requests it: the specification without the members that admission decides. */
export type WantedRun = Omit<RunSpec, "runId" | "createdAt"> & {
  /** Only with `continueOf`: the members that the request does not contain. They are taken from the continued run. */
  takeOver?: TakenOver[];
};
/** Members of a specification that a continuation takes over unless the request gives them. */
export const TAKEN_OVER_UNLESS_GIVEN = [
  ...LIMIT_NAMES, "onRefused", "refusalIsAtomic",
] as const satisfies readonly (keyof RunSpec)[]; // prettier-ignore
export type TakenOver = (typeof TAKEN_OVER_UNLESS_GIVEN)[number];

/** `bodyHash` is compared when a request repeats the key. */
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
  | (Refused<"dry_run_under_way"> & { holder: string })
  /** `field` is the member of the request that is at fault. */
  | (Refused<"plan_not_usable" | "plan_outdated"> & {
      field: "from_plan" | "plan_hash" | "max_lines_per_second" | "daily_lines";
    })
  | Refused<"idempotency_mismatch">
  /** The run is admitted and owns the slot, but its Durable Object did not answer. The registry's alarm starts it
   * again. */
  | (Refused<"unconfirmed"> & { runId: string });

/** The answer of the run that a key admitted. `unconfirmed`: the run has not answered yet. */
export type AdmittedAnswer = Extract<AdmitAnswer, { ok: true } | { code: "unconfirmed" }>;
/** `unknown_key`: no request had this Idempotency-Key. */
export type RecallAnswer = AdmittedAnswer | Refused<"idempotency_mismatch"> | Refused<"unknown_key">;

/** An earlier run that sent lines of this window, and the part of the window that both cover. */
export interface Overlap {
  run: string;
  start: string;
  end: string;
}

/** One line of GET /runs, as the run last reported it. The registry counts nothing itself. */
export interface RunSummary {
  id: string;
  /** "default": the first receiver. */
  receiver: string;
  created_at: string;
  start: string;
  end: string;
  end_exclusive: boolean;
  stage_code: Stage;
  summary: string;
  note: string | null;
  actor: string;
  /** True: this run owns the receiver's slot, so it is the only run that may send. */
  active: boolean;
  finished: boolean;
  sent_something: boolean;
  /** True: the run is a dry run, which never sends. */
  dry_run: boolean;
  log_lines_sent: number;
  /** Null for a run whose last progress report has no number of exceptions. */
  exceptions: number | null;
  delivered_at: string | null;
  /** From the run's start to its delivery or abort, or until now. */
  duration_seconds: number | null;
  /** Delivered lines divided by the duration. */
  lines_per_second_avg: number | null;
}

export type { StatsQuery, StatsView };
/** A run's progress report to the registry. `finished`: the run is cleaned, or it is aborted and has nothing left
 * to clean up. Such a run needs no more pokes. */
export interface RunReport {
  runId: string;
  stage: Stage;
  summary: string;
  finished: boolean;
  /** Whether at least one batch is done or has an uncertain attempt. A run of an overlapping window would send lines
   * again. */
  sentSomething: boolean;
  logLinesSent: number;
  /** Absent in reports of code before migration 0004 of the registry. */
  duplicateLines?: number;
  possibleDuplicateLines?: number;
  /** What the run's work was until now. A run sends no report only because this member changed. Null for a run that
   * older code started. */
  work?: { bytesRead: number; bytesSent: number; sendingMs: number; costUsd: number } | null;
  /** Absent in reports of code before migration 0002. Times are epoch ms. */
  exceptions?: number;
  startedAt?: number;
  deliveredAt?: number | null;
  /** When the run was delivered, aborted or counted. Null before. */
  endedAt?: number | null;
}

/** Which runs GET /runs shows. An absent member does not filter. */
export interface RunsFilter {
  stages?: readonly string[];
  /** Admitted at or after `since`, and at or before `until`. Epoch ms. */
  since?: number;
  until?: number;
  /** Whether an operator accepted, discarded or settled anything by hand. */
  exceptions?: boolean;
}
export type RunsQuery = { cursor: string | null; limit: number } & RunsFilter;

/** A run whose window shares an instant with a range, as in the run's last progress report. Times are epoch ms. */
export interface CoveringRun {
  runId: string;
  startMs: number;
  endMs: number;
  stage: Stage;
  delivered: boolean;
  dryRun: boolean;
  /** Whether the run sent lines or still may. False: it is a dry run or an aborted run, or it ended without
   * sending. */
  sends: boolean;
}

export type SlotAnswer =
  | { ok: true; fence: number; notBefore: number }
  | (Refused<"slot_taken"> & { holder: string })
  | (Refused<"overlap"> & { overlaps: Overlap[] });

export interface RunRegistryApi {
  /** Returns the first answer to this key, before anything else about the request is checked. If there is none yet, asks
   * the run of this key. */
  recall(idempotency: Idempotency): Promise<RecallAnswer>;
  /** `idempotency` is null when the request has no Idempotency-Key header. */
  admit(wanted: WantedRun, idempotency: Idempotency | null): Promise<AdmitAnswer>;
  /** `admit` for a receiver of RECEIVERS. Code from before RECEIVERS lacks this method. So a registry that still has this
   * code during a deployment starts no run whose id lacks the name. */
  admitNamed(wanted: WantedRun, idempotency: Idempotency | null): Promise<AdmitAnswer>;
  list(query: RunsQuery): Promise<{ ok: true; page: Page<RunSummary> } | Refused<"bad_cursor">>;
  /** Totals over runs by the day of their creation. */
  stats(query: StatsQuery): Promise<StatsView>;
  knows(runId: string): Promise<boolean>;
  /** Only for the registry of the first receiver. Stores the name of a receiver of RECEIVERS. Call before the first run or
   * window of this receiver, so that the API finds its registry after the name was removed from RECEIVERS. */
  useReceiver(name: string): Promise<void>;
  /** The names that `useReceiver` stored, the newest first. */
  usedReceivers(): Promise<string[]>;
  /** Runs whose window shares an instant with [startMs, endMs), newest first, at most 100. */
  covering(startMs: number, endMs: number): Promise<CoveringRun[]>;
  /** Called by a run's alarm. `report` does not free the slot. Only `release` frees it, and the run repeats
   * `release` until it succeeds. */
  report(report: RunReport): Promise<void>;
  /** The run that owns the slot gets the same fence again, because its first answer may have been lost. After
   * `acquire` the run counts as unfinished. `replay`: the run gets the slot even if another run sent lines of its
   * window since the last release. @throws Error for a run that was never admitted. */
  acquire(runId: string, replay?: boolean): Promise<SlotAnswer>;
  /** `lastPermitEnd`: the newest instant at which a POST of this run may begin. The next run that gets the slot sends
   * only after this instant. A release by another run, or with an older fence, changes nothing. */
  release(runId: string, fence: number, lastPermitEnd: number, sentSomething: boolean): Promise<void>;
  slotHolder(): Promise<string | null>;
  metrics(): Promise<RegistryMetrics>;
  /** The run that may be sending now. Null: no run is, so a dry run may parse. */
  sendingRun(): Promise<string | null>;
  /** Called for API requests, at most once a second by an isolate. Re-arms the registry's clock when it has no alarm. */
  poke(): Promise<void>;
}
