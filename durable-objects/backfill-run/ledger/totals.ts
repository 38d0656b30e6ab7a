// The sums of a run, in one row. They change only in the transaction that changes a counted row.
import type { BatchState, FileState } from "../../../src/contract/states.ts";
import type { WorkMeter } from "./work-meter.ts";
import { first, type Sql } from "../../../src/platform/sql.ts";

type ByFileState = { [S in FileState as `files_${S}`]: number };
type ByBatchState = { [S in BatchState as `batches_${S}` | `lines_${S}`]: number };
export type Totals = ByFileState &
  ByBatchState & {
    /** The suspicious files that wait because of their name and size. */
    files_duplicate: number;
    read: number;
    kept: number;
    malformed: number;
    empty_lines: number;
    dropped_not_top_level: number;
    dropped_invalid_timestamp: number;
    dropped_outside_window: number;
    dropped_delivered_live: number;
    dropped_repeated_ray_id: number;
    sanitized_fields: number;
    repeated_ray_ids: number;
    untracked_ray_ids: number;
    repaired: number;
    lines_checked: number;
    lines_failing: number;
    times_checked: number;
    times_failing: number;
    parents_checked: number;
    parents_failing: number;
    backlog_bytes: number;
    duplicate_lines: number;
    possible_duplicate_lines: number;
    deduped_lines: number;
    uncertain_attempts: number;
    exceptions: number;
    inherited_lines: number;
    inherited_attempts: number;
    matched_files: number;
    live_rechecks: number;
    live_waiting_lines: number;
    live_meanwhile_batches: number;
    live_meanwhile_lines: number;
    parse_dead_letters: number;
    send_dead_letters: number;
  };
export type TotalName = keyof Totals;

/** A recount under way: its counts, and the last file that it has counted. A later change to a counted file
 * changes these counts too. */
export interface Watch {
  upTo: number;
  sums: Map<TotalName, number>;
}

/** State that changes with every claim and report. The statement that writes the sums also writes this state. */
export type Hot = {
  pace_json: string;
  breaker_json: string;
  answers_json: string;
  leases_json: string;
  claims_json: string;
  progress_json: string;
  calls_json: string;
  assumed_json: string;
  series_json: string;
  work_json: string;
  last_post_ended_at: number | null;
};
const HOT = [
  "pace_json",
  "breaker_json",
  "answers_json",
  "leases_json",
  "claims_json",
  "progress_json",
  "calls_json",
  "assumed_json",
  "series_json",
  "work_json",
  "last_post_ended_at",
] as const;

export class TotalsRow {
  readonly #sql: Sql;
  readonly #deltas = new Map<TotalName, number>();
  readonly #watched: [name: TotalName, delta: number][] = [];
  #hot: Partial<Hot> = {};
  readonly #meter: WorkMeter;
  watch: Watch | null = null;
  #fileMoved: (file: number) => void = () => {};

  constructor(sql: Sql, meter: WorkMeter) {
    this.#sql = sql;
    this.#meter = meter;
  }

  /** `moved` is called with the number of each file that gets another state. */
  watchFiles(moved: (file: number) => void): void {
    this.#fileMoved = moved;
  }

  /** Adds `delta` to a sum at the end of the surrounding transaction. `file` is the file whose row is counted, if
   * there is one. */
  add(name: TotalName, delta: number, file?: number): void {
    if (delta === 0) return;
    this.#deltas.set(name, (this.#deltas.get(name) ?? 0) + delta);
    if (file !== undefined && name.startsWith("files_")) this.#fileMoved(file);
    if (this.watch && file !== undefined && file <= this.watch.upTo) this.#watched.push([name, delta]);
  }

  /** Writes this state at the end of the surrounding transaction. Call only inside a transaction. */
  set(hot: Partial<Hot>): void {
    this.#hot = { ...this.#hot, ...hot };
  }

  /** The state that changes with every claim and report. Read in every turn. */
  hot(): Hot {
    const row = first<Hot>(this.#sql, `SELECT ${HOT.join(", ")} FROM totals WHERE one = 1`);
    if (!row) throw new Error("totals row is missing");
    return { ...row, ...this.#hot };
  }

  /** Writes the collected changes. Call only at the end of a transaction. */
  flush(): void {
    const changed = [...this.#deltas].filter(([, delta]) => delta !== 0);
    this.#deltas.clear();
    const set = this.#hot;
    this.#hot = {};
    if (changed.length + Object.keys(set).length === 0) return;
    const work_json = this.#meter.text();
    const hot = Object.entries(work_json === null ? set : { ...set, work_json });
    // Column names come only from the type above, never from input.
    const assignments = [
      ...changed.map(([name]) => `${name} = ${name} + ?`),
      ...hot.map(([name]) => `${name} = ?`),
    ].join(", ");
    this.#sql.exec(
      `UPDATE totals SET ${assignments} WHERE one = 1`,
      ...changed.map(([, delta]) => delta),
      ...hot.map(([, value]) => value),
    );
  }

  /** Call after the commit. Adds the committed changes to a recount under way. */
  committed(): void {
    for (const [name, delta] of this.#watched.splice(0)) {
      this.watch?.sums.set(name, (this.watch.sums.get(name) ?? 0) + delta);
    }
  }

  /** Drops the collected changes. Called after a rollback. */
  discard(): void {
    this.#watched.splice(0);
    this.#hot = {};
    this.#deltas.clear();
  }

  /** The stored sum plus the changes that the present transaction has collected. Called for every decision about
   * the run as a whole. */
  read(): Totals {
    const row = first<Totals & Hot & { one: number }>(this.#sql, "SELECT * FROM totals WHERE one = 1");
    if (!row) throw new Error("totals row is missing");
    const {
      one: _one,
      pace_json: _pace,
      breaker_json: _breaker,
      answers_json: _answers,
      leases_json: _leases,
      claims_json: _claims,
      progress_json: _progress,
      calls_json: _calls,
      assumed_json: _assumed,
      series_json: _series,
      work_json: _work,
      last_post_ended_at: _post,
      ...sums
    } = row;
    for (const [name, delta] of this.#deltas) sums[name] += delta;
    return sums;
  }
}
