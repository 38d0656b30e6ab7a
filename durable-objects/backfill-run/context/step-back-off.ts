// Pauses a step of the clock whose I/O failed: 1 s, 2 s, 4 s … 30 s. The clock performs other steps meanwhile.

export type StepName =
  | "reclaim_leases"
  | "enter_stage"
  | "begin_pass"
  | "list"
  | "enqueue"
  | "wake_senders"
  | "inspect"
  | "cleanup_ready"
  | "delete"
  | "acquire_slot"
  | "release_slot"
  | "look_at_slot"
  | "copy_plan"
  | "compare_plan"
  | "hash_plan"
  | "report"
  | "notify"
  | "verify"
  | "inherit"
  | "archive"
  | "delete_report"
  | "log_progress"
  | "bulk"
  | "wake_waiting"
  | "release_proven"
  | "list_markers";

const LONGEST_BLOCK_MS = 30_000;

export class StepBackOff {
  /** For each failing step: until when it pauses. */
  readonly until: Partial<Record<StepName, number>> = {};
  readonly #failures: Partial<Record<StepName, number>> = {};

  failed(step: StepName, now: number): void {
    const failures = (this.#failures[step] ?? 0) + 1;
    this.#failures[step] = failures;
    this.until[step] = now + Math.min(LONGEST_BLOCK_MS, 1_000 * 2 ** (failures - 1));
  }

  worked(step: StepName): void {
    delete this.#failures[step];
    delete this.until[step];
  }

  setBack(backMs: number, now: number): void {
    for (const [step, until] of Object.entries(this.until) as [StepName, number][])
      this.until[step] = Math.min(until - backMs, now + LONGEST_BLOCK_MS);
  }
}
