// What others may ask the registry of one receiver: who may send now, and which runs there are.
import type { Json, Page, Refused, RunSpec, RunStatus, Stage } from "../backfill-run/api.ts";

/** A run as POST /runs asks for it: the specification without what admission decides. */
export type WantedRun = Omit<RunSpec, "runId" | "createdAt">;

export type AdmitAnswer =
  | { ok: true; replayed: boolean; runId: string; status: RunStatus }
  | (Refused<"slot_taken"> & { holder: string })
  | Refused<"idempotency_mismatch">;

/** One line of GET /runs, as the run last reported it (never a counter of the registry's own). */
export interface RunSummary {
  id: string;
  created_at: string;
  start: string;
  end: string;
  stage_code: Stage;
  summary: string;
  note: string | null;
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
}

export type SlotAnswer = { ok: true; fence: number; notBefore: number } | (Refused<"slot_taken"> & { holder: string });

export interface RunRegistryApi {
  /** `bodyHash` is what the Idempotency-Key is compared with; both null without the header. */
  admit(wanted: WantedRun, idempotency: { key: string; bodyHash: string } | null): Promise<AdmitAnswer>;
  list(query: { cursor: string | null; limit: number }): Promise<{ ok: true; page: Page<RunSummary> } | Refused<"bad_cursor">>;
  knows(runId: string): Promise<boolean>;
  /** From a run's alarm. */
  report(report: RunReport): Promise<void>;
  acquire(runId: string): Promise<SlotAnswer>;
  /** `lastGrantedAt`: the newest instant at which this holder let a batch leave; the next holder starts after it. */
  release(runId: string, fence: number, lastGrantedAt: number): Promise<void>;
  /** Every API request: re-arms the registry's clock if it stands. */
  poke(): Promise<void>;
}
