// The run's own row: its frozen specification, its permanent facts (abort, pause, delivered), and its small
// state machines.
import type { CleanupState, Stage } from "../../../src/contract/states.ts";
import { receiverOf } from "../../../src/contract/run-id.ts";
import type { RunSpec } from "../../../src/contract/run.ts";
import { first, type Sql } from "../../../src/platform/sql.ts";

/** The run's view of the receiver's slot, which allows one run at a time to send. "asking": the run has asked the
 * registry for the slot, and the answer may be lost. */
export type SlotSide = "owned" | "asking" | "releasing" | "none";

export type RunRow = {
  run_id: string;
  spec_json: string;
  started_at: number;
  stage: Stage;
  stage_since: number;
  reason_code: string | null;
  reason_detail: string | null;
  abort_asked_at: number | null;
  abort_force: number;
  limits_json: string;
  pause_json: string | null;
  accepted_json: string;
  slot: SlotSide;
  slot_fence: number;
  listing_json: string;
  next_file: number;
  next_batch: number;
  batch_lines_min: number | null;
  batch_lines_max: number | null;
  farthest_ms: number;
  latest_kept_start: number;
  next_enqueue_at: number;
  receiver_key: string;
  receiver_print: string | null;
  delivered_at: number | null;
  ended_at: number | null;
  cleanup_state: CleanupState;
  cleanup_ends_at: number | null;
  verify_asked_by: string | null;
  verified_json: string | null;
  inherit_json: string | null;
  archive_json: string | null;
  plan_json: string | null;
  covered_minutes: string | null;
  live_json: string | null;
  reported_at: number;
  reported_json: string;
};
export type RunPatch = Partial<Omit<RunRow, "run_id" | "spec_json" | "started_at">>;

/** In the row of a run that sends to a receiver of RECEIVERS, this text stands for a fingerprint of null. Code of before
 * RECEIVERS would send the run's lines to the first receiver. This text equals no fingerprint, so the older code suspends
 * the run instead. */
const NO_PRINT = "none yet: a receiver of RECEIVERS";

export class RunRowStore {
  readonly #sql: Sql;
  #spec: RunSpec | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The run's row, or null before `start`. Called for every RPC and every alarm turn. */
  read(): RunRow | null {
    const row = first<RunRow>(this.#sql, "SELECT * FROM run WHERE one = 1") ?? null;
    return row?.receiver_print === NO_PRINT ? { ...row, receiver_print: null } : row;
  }

  /** The options with which the run started. They never change, so their JSON is parsed only once after each
   * restart of the Durable Object. */
  spec(row: RunRow): RunSpec {
    this.#spec ??= JSON.parse(row.spec_json) as RunSpec;
    return this.#spec;
  }

  /** Writes the run's row at its start. */
  insert(row: RunRow): void {
    const stored = { ...row, receiver_print: storedPrint(row.run_id, row.receiver_print) };
    const names = Object.keys(stored);
    // Column names come only from the type above.
    this.#sql.exec(
      `INSERT INTO run (one, ${names.join(", ")}) VALUES (1, ${names.map(() => "?").join(", ")})`,
      ...Object.values(stored),
    );
  }

  /** Changes the columns of the run's row that `patch` contains. */
  update(patch: RunPatch): void {
    const { receiver_print: print } = patch;
    const stored = print === null ? { ...patch, receiver_print: storedPrint(this.#runId(), null) } : patch;
    const changes = Object.entries(stored).filter(([, value]) => value !== undefined);
    if (changes.length === 0) return;
    // Column names come only from the type above.
    this.#sql.exec(
      `UPDATE run SET ${changes.map(([name]) => `${name} = ?`).join(", ")} WHERE one = 1`,
      ...changes.map(([, value]) => value),
    );
  }

  #runId(): string {
    return this.read()?.run_id ?? "";
  }
}

function storedPrint(runId: string, print: string | null): string | null {
  return print === null && receiverOf(runId) !== null ? NO_PRINT : print;
}
