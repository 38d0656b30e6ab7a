// Contains the SQL of runs, of the slot and of Idempotency-Keys. metric-rows.ts, stats-rows.ts and the folder
// queue/ contain the other statements. Methods take and return typed rows. Decides nothing. Two statements are
// atomic only inside one transactionSync of the caller.
import type { RunSpec } from "../../src/contract/run.ts";
import { RUN_COLUMNS, runRow, specOf, type RunColumns, type RunRow } from "./run-row.ts";
import type { Stage } from "../../src/contract/states.ts";
import { all, first, migrate, returned, type Sql, type SqlValue } from "../../src/platform/sql.ts";
import type { RunReport, RunsFilter } from "../../src/contract/registry.ts";
import migration0001 from "./migrations/0001-runs-slot-idempotency.sql";
import migration0002 from "./migrations/0002-run-figures.sql";
import migration0003 from "./migrations/0003-window-queue.sql";
import migration0004 from "./migrations/0004-run-work.sql";
import migration0005 from "./migrations/0005-receivers.sql";
import type { ListPosition } from "../../src/contract/run-cursor.ts";
import type { Remembered, Slot } from "./rules.ts";
import type { Window } from "../../src/contract/parse-spec.ts";
import { MetricRows } from "./metric-rows.ts";
import { ReceiverRows } from "./receiver-rows.ts";
import { QueueRows } from "./queue/queue-rows.ts";
import { StatsRows } from "./stats-rows.ts";
import { WindowRows } from "./queue/window-rows.ts";

const MIGRATIONS = [
  { name: "0001-runs-slot-idempotency", sql: migration0001 },
  { name: "0002-run-figures", sql: migration0002 },
  { name: "0003-window-queue", sql: migration0003 },
  { name: "0004-run-work", sql: migration0004 },
  { name: "0005-receivers", sql: migration0005 },
];

/** The most expired answers that are deleted at once. Each is one row and one index entry. */
const PRUNE_LIMIT = 200;
/** The most overlapping runs that one refusal lists. */
const SENDERS_LIMIT = 20;

/** The most runs that an answer about coverage lists. */
const COVERING_LIMIT = 100;

/** A run that is due, with the arguments of start() in case it has not started. */
export interface DueRun {
  runId: string;
  started: boolean;
  spec: RunSpec;
  slot: { fence: number; notBefore: number };
}

export class RegistryStore {
  readonly #sql: Sql;
  readonly #transact: <T>(work: () => T) => T;
  readonly windows: WindowRows;
  readonly queue: QueueRows;
  readonly stats: StatsRows;
  readonly metrics: MetricRows;
  readonly receivers: ReceiverRows;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, MIGRATIONS);
    this.#sql = storage.sql;
    this.#transact = (work) => storage.transactionSync(work);
    this.windows = new WindowRows(storage.sql);
    this.queue = new QueueRows(storage.sql);
    this.stats = new StatsRows(storage.sql);
    this.metrics = new MetricRows(storage.sql);
    this.receivers = new ReceiverRows(storage.sql);
  }

  /** Executes all statements of `work`, or none of them. */
  transaction<T>(work: () => T): T {
    return this.#transact(work);
  }

  /** Inserts the run's row, which admits the run. start() only informs the run's Durable Object. Called by admit. */
  insertRun(spec: RunSpec, slot: Slot, initial: { stage: Stage; summary: string; pokeAt: number }): void {
    this.#sql.exec(
      `INSERT INTO runs (run_id, created_at, start_ms, end_ms, spec, fence, not_before, stage, summary, poke_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      spec.runId, spec.createdAt, spec.parse.startMs, spec.parse.endMs, JSON.stringify(spec), slot.fence, slot.notBefore, initial.stage, initial.summary,
      initial.pokeAt,
    ); // prettier-ignore
  }

  /** Whether a run has this id. admit checks whether the id is free, and the HTTP layer whether the run exists. */
  hasRun(runId: string): boolean {
    return first(this.#sql, "SELECT 1 AS known FROM runs WHERE run_id = ?", runId) !== undefined;
  }

  /** The stage and specification of a run. Called by admit, acquire, plans and the window queue. */
  earlier(runId: string): { stage: Stage; spec: RunSpec } | undefined {
    const row = first<{ stage: Stage; spec: string }>(
      this.#sql,
      "SELECT stage, spec FROM runs WHERE run_id = ?",
      runId,
    );
    return row && { stage: row.stage, spec: specOf(row.spec) };
  }

  /** The unfinished dry run. admit allows only one. Few runs are unfinished. */
  unfinishedDryRun(): string | null {
    const sql = "SELECT run_id FROM runs WHERE finished = 0 AND spec ->> '$.dryRun' LIMIT 1";
    return first<{ run_id: string }>(this.#sql, sql)?.run_id ?? null;
  }

  /** Runs outside `except` that sent lines, and whose window shares an instant with `window`. Called by admit and
   * acquire. */
  senders(window: Window, except: string[]): { runId: string; window: Window }[] {
    return all<{ run_id: string; spec: string }>(
      this.#sql,
      `SELECT run_id, spec FROM runs WHERE sent_something = 1
         AND start_ms <= ? AND end_ms >= ?
         AND NOT (start_ms = ? AND ?) AND NOT (end_ms = ? AND spec ->> '$.parse.endExclusive')
         AND run_id NOT IN (SELECT value FROM json_each(?))
       ORDER BY start_ms, end_ms, run_id LIMIT ?`,
      window.endMs, window.startMs, window.endMs, window.endExclusive ? 1 : 0, window.startMs, JSON.stringify(except),
      SENDERS_LIMIT,
    ).map(({ run_id, spec }) => ({ runId: run_id, window: specOf(spec).parse })); // prettier-ignore
  }

  /** Records that a run has sent lines. Called by release, before another run may be admitted. */
  markSent(runId: string): void {
    this.#sql.exec("UPDATE runs SET sent_something = 1 WHERE run_id = ? AND sent_something = 0", runId);
  }

  /** The run with the arguments of start(). Called by admit and by the alarm. */
  startable(runId: string): DueRun | undefined {
    return all<DueColumns>(this.#sql, `SELECT ${DUE_COLUMNS} FROM runs WHERE run_id = ?`, runId).map(
      dueRun,
    )[0];
  }

  /** Makes the alarm start the run in this turn. Called by the window queue. */
  makeDue(runId: string, now: number): void {
    this.#sql.exec("UPDATE runs SET poke_at = ? WHERE run_id = ?", now, runId);
  }

  /** Returns the due runs, and sets when each is due again. So an unreachable run delays no other run. Called by
   * the alarm. */
  takeDue(now: number, next: { started: number; notStarted: number }, limit: number): DueRun[] {
    return all<DueColumns>(
      this.#sql,
      `UPDATE runs SET poke_at = CASE started WHEN 1 THEN ? ELSE ? END
       WHERE run_id IN (SELECT run_id FROM watched WHERE poke_at <= ? ORDER BY poke_at LIMIT ?)
       RETURNING ${DUE_COLUMNS}`,
      next.started, next.notStarted, now, limit,
    ).map(dueRun); // prettier-ignore
  }

  /** Makes a run due now that would wait longer than the longest wait. Called after the clock was set back. */
  setBackPokes(now: number, longestMs: number): void {
    this.#sql.exec("UPDATE runs SET poke_at = ? WHERE finished = 0 AND poke_at > ?", now, now + longestMs);
    this.#sql.exec(
      "UPDATE runs SET poke_at = ? WHERE run_id = (SELECT holder FROM slot) AND poke_at > ?",
      now,
      now + longestMs,
    );
  }

  /** When the run that is due first is due. The alarm is set to this time. */
  earliestPokeAt(): number | null {
    const row = first<{ at: number | null }>(this.#sql, "SELECT min(poke_at) AS at FROM watched");
    return row?.at ?? null;
  }

  /** Records that start() has answered. Called by admit and by the alarm. */
  markStarted(runId: string, pokeAt: number): void {
    this.#sql.exec(
      "UPDATE runs SET started = 1, poke_at = ? WHERE run_id = ? AND started = 0",
      pokeAt,
      runId,
    );
  }

  /** Stores a progress report. False when the run is unknown. A finished run that becomes unfinished again is poked
   * again. */
  saveReport(report: RunReport): boolean {
    const { runId, stage, summary, finished, sentSomething, logLinesSent } = report;
    const { exceptions = null, startedAt = null, deliveredAt = null, endedAt = null } = report;
    const { duplicateLines = null, possibleDuplicateLines = null, work = null } = report;
    return returned(
      this.#sql,
      `UPDATE runs SET stage = ?, summary = ?, finished = ?, sent_something = max(sent_something, ?), log_lines_sent = ?,
         exceptions = ?, started_at = ?, delivered_at = ?, ended_at = ?, duplicate_lines = ?,
         possible_duplicate_lines = ?, bytes_read = ?, bytes_sent = ?, sending_ms = ?, cost_usd = ?
       WHERE run_id = ? RETURNING 1`,
      stage, summary, finished ? 1 : 0, sentSomething ? 1 : 0, logLinesSent, exceptions, startedAt, deliveredAt, endedAt,
      duplicateLines, possibleDuplicateLines, work?.bytesRead ?? null, work?.bytesSent ?? null, work?.sendingMs ?? null,
      work?.costUsd ?? null, runId,
    ) > 0; // prettier-ignore
  }

  /** Makes the alarm poke a run that gets the slot, because this run has work to do. Called by acquire. */
  markUnfinished(runId: string): void {
    this.#sql.exec("UPDATE runs SET finished = 0 WHERE run_id = ? AND finished = 1", runId);
  }

  /** The runs after `before` that pass the filter, newest first. Called by GET /runs. Column names come only from
   * this file. */
  page(
    before: ListPosition | null,
    { stages, since, until, exceptions }: RunsFilter,
    limit: number,
  ): RunRow[] {
    const predicates: [sql: string, ...values: SqlValue[]][] = [
      ["(created_at, run_id) < (?, ?)", before?.createdAt ?? Number.MAX_SAFE_INTEGER, before?.runId ?? ""],
    ];
    if (stages) predicates.push(["stage IN (SELECT value FROM json_each(?))", JSON.stringify(stages)]);
    if (since !== undefined) predicates.push(["created_at >= ?", since]);
    if (until !== undefined) predicates.push(["created_at <= ?", until]);
    if (exceptions !== undefined) predicates.push([exceptions ? "exceptions > 0" : "exceptions = 0"]);
    return all<RunColumns>(
      this.#sql,
      `SELECT ${RUN_COLUMNS} FROM runs WHERE ${predicates.map(([sql]) => sql).join(" AND ")}
       ORDER BY created_at DESC, run_id DESC LIMIT ?`,
      ...predicates.flatMap(([, ...values]) => values), limit,
    ).map(runRow); // prettier-ignore
  }

  /** Runs whose window shares an instant with [startMs, endMs), newest first. Coverage shows these runs. */
  covering(startMs: number, endMs: number): RunRow[] {
    return all<RunColumns>(
      this.#sql,
      `SELECT ${RUN_COLUMNS} FROM runs WHERE start_ms < ? AND end_ms >= ?
       ORDER BY created_at DESC, run_id DESC LIMIT ?`,
      endMs, startMs, COVERING_LIMIT,
    ).map(runRow); // prettier-ignore
  }

  /** The slot: which run may send to the receiver now. Every decision about who may send reads it. */
  slot(): Slot {
    const row = first<{ holder: string | null; fence: number; not_before: number }>(
      this.#sql,
      "SELECT holder, fence, not_before FROM slot WHERE id = 1",
    );
    if (!row) throw new Error("the slot's row is missing");
    return { holder: row.holder, fence: row.fence, notBefore: row.not_before };
  }

  /** Stores the slot. Called by admit, acquire and release. */
  saveSlot(slot: Slot): void {
    this.#sql.exec(
      "UPDATE slot SET holder = ?, fence = ?, not_before = ? WHERE id = 1",
      slot.holder, slot.fence, slot.notBefore,
    ); // prettier-ignore
  }

  /** The run and the first answer that an Idempotency-Key got. Called by admit and recall. */
  remembered(key: string): Remembered | undefined {
    const row = first<{ body_hash: string; run_id: string; answer: string | null; created_at: number }>(
      this.#sql,
      "SELECT body_hash, run_id, answer, created_at FROM idempotency WHERE key = ?",
      key,
    );
    return (
      row && { bodyHash: row.body_hash, runId: row.run_id, answer: row.answer, createdAt: row.created_at }
    );
  }

  /** Stores an Idempotency-Key with its run. Also replaces an expired key that was not deleted yet. Called by
   * admit. */
  remember(key: string, entry: Omit<Remembered, "answer">): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO idempotency (key, body_hash, run_id, created_at) VALUES (?, ?, ?, ?)",
      key, entry.bodyHash, entry.runId, entry.createdAt,
    ); // prettier-ignore
  }

  /** Stores the first answer to an Idempotency-Key. When two equal requests come at the same time, the first answer
   * stays. */
  rememberAnswer(key: string, runId: string, answer: string): string {
    this.#sql.exec(
      "UPDATE idempotency SET answer = ? WHERE key = ? AND run_id = ? AND answer IS NULL",
      answer, key, runId,
    ); // prettier-ignore
    const kept = this.remembered(key);
    return kept?.runId === runId ? (kept.answer ?? answer) : answer;
  }

  /** Deletes a bounded number of expired Idempotency-Keys and their answers. Called by the alarm and by admit. */
  prune(createdBefore: number): void {
    this.#sql.exec(
      "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE created_at <= ? ORDER BY created_at LIMIT ?)",
      createdBefore,
      PRUNE_LIMIT,
    );
  }
}

const DUE_COLUMNS = "run_id, started, spec, fence, not_before";
type DueColumns = { run_id: string; started: number; spec: string; fence: number; not_before: number };

function dueRun(row: DueColumns): DueRun {
  return {
    runId: row.run_id,
    started: row.started === 1,
    spec: specOf(row.spec),
    slot: { fence: row.fence, notBefore: row.not_before },
  };
}
