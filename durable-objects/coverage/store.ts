// Contains the SQL of the Coverage Durable Object, except the statements of auto/auto-rows.ts and of the outbox.
// Methods take and return typed rows. Decides nothing. Two statements are atomic only inside one `transaction` of
// the caller.
import type { CoverageDetail } from "../../src/contract/coverage.ts";
import { all, first, migrate, type Migration, type Sql } from "../../src/platform/sql.ts";
import { packFacts, unpackFacts, type HourFacts } from "./rules/cells.ts";
import {
  packFile,
  unpackFile,
  type CoveredFile,
  type PackedFile,
  type PackedMarks,
} from "./rules/covered-files.ts";

/** The most files in one row, about 130 KB. */
const FILES_A_ROW = 1_000;
/** How many wanted ranges are stored at most. A wanted range is the range of a request for coverage. The oldest
 * ranges are dropped first. */
const MOST_WANTED_RANGES = 50;

export interface WantedRange {
  /** `firstHour` and `lastHour` are both inside. */
  firstHour: number;
  lastHour: number;
  detail: CoverageDetail;
  askedAt: number;
}

export interface HourRow {
  hour: number;
  rawAt: number | null;
  dueAt: number;
  unknown: number;
  facts: HourFacts | null;
  factsAt: number | null;
}

export type StagedMarks = [safeKey: string, marks: PackedMarks][];
/** Tables that contain an hour's values in several rows. */
type PartTable = "files" | "staged_files" | "staged_marks";

export class CoverageStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: Sql;

  constructor(storage: DurableObjectStorage, migrations: readonly Migration[]) {
    migrate(storage, migrations);
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  memo<T>(name: string): T | null {
    const row = first<{ value_json: string }>(this.#sql, "SELECT value_json FROM memo WHERE name = ?", name);
    return row ? (JSON.parse(row.value_json) as T) : null;
  }

  saveMemo(name: string, value: unknown): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO memo (name, value_json) VALUES (?, ?)",
      name,
      JSON.stringify(value),
    );
  }

  wantedRanges(): WantedRange[] {
    return all<{ first_hour: number; last_hour: number; detail: CoverageDetail; asked_at: number }>(
      this.#sql,
      "SELECT first_hour, last_hour, detail, asked_at FROM asks ORDER BY asked_at DESC LIMIT ?",
      MOST_WANTED_RANGES,
    ).map((row) => ({
      firstHour: row.first_hour,
      lastHour: row.last_hour,
      detail: row.detail,
      askedAt: row.asked_at,
    }));
  }

  /** Stores a wanted range. Writes nothing when a request wanted the same range less than `againMs` ago. */
  saveWantedRange({ firstHour, lastHour, detail, askedAt }: WantedRange, againMs: number): void {
    this.#sql.exec(
      `INSERT INTO asks (first_hour, last_hour, detail, asked_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (first_hour, last_hour, detail) DO UPDATE SET asked_at = excluded.asked_at
       WHERE abs(excluded.asked_at - asked_at) >= ? OR asked_at > excluded.asked_at`,
      firstHour, lastHour, detail, askedAt, againMs,
    ); // prettier-ignore
  }

  /** Deletes wanted ranges from before `before` and from after `after`. A wanted range in the future means that the
   * clock was set back. */
  dropAsks(before: number, after: number): void {
    this.#sql.exec("DELETE FROM asks WHERE asked_at < ? OR asked_at > ?", before, after);
  }

  /** The rows of the hours from `from` to `to`, both inside. */
  hours(from: number, to: number): HourRow[] {
    return all<{
      hour: number;
      raw_at: number | null;
      due_at: number;
      unknown_files: number;
      facts_json: string | null;
      facts_at: number | null;
    }>(
      this.#sql,
      "SELECT hour, raw_at, due_at, unknown_files, facts_json, facts_at FROM hours WHERE hour BETWEEN ? AND ? ORDER BY hour",
      from,
      to,
    ).map((row) => ({
      hour: row.hour,
      rawAt: row.raw_at,
      dueAt: row.due_at,
      unknown: row.unknown_files,
      facts: row.facts_json === null ? null : unpackFacts(row.facts_json),
      factsAt: row.facts_at,
    }));
  }

  /** Records that a listing of the hour's raw files is stored. */
  saveRaw(hour: number, rawAt: number, unknown: number): void {
    this.#sql.exec(
      `INSERT INTO hours (hour, raw_at, unknown_files) VALUES (?, ?, ?)
       ON CONFLICT (hour) DO UPDATE SET raw_at = excluded.raw_at, unknown_files = excluded.unknown_files`,
      hour, rawAt, unknown,
    ); // prettier-ignore
  }

  saveFacts(hour: number, facts: HourFacts, unknown: number): void {
    this.#sql.exec(
      "UPDATE hours SET facts_json = ?, facts_at = raw_at, unknown_files = ? WHERE hour = ?",
      packFacts(facts), unknown, hour,
    ); // prettier-ignore
  }

  /** Makes the hours due: listings before `at` no longer count. */
  makeDue(hours: readonly number[], at: number): void {
    this.#sql.exec(
      `INSERT INTO hours (hour, due_at) SELECT value, ? FROM json_each(?) WHERE true
       ON CONFLICT (hour) DO UPDATE SET due_at = max(due_at, excluded.due_at)`,
      at, JSON.stringify(hours),
    ); // prettier-ignore
  }

  files(hour: number): CoveredFile[] {
    return this.#parts<PackedFile>("files", hour).map(unpackFile);
  }

  saveFiles(hour: number, files: readonly CoveredFile[]): void {
    this.#sql.exec("DELETE FROM files WHERE hour = ?", hour);
    for (let at = 0; at < files.length; at += FILES_A_ROW) {
      const packed = files.slice(at, at + FILES_A_ROW).map(packFile);
      this.#sql.exec(
        "INSERT INTO files (hour, part, entries_json) VALUES (?, ?, ?)",
        hour, at / FILES_A_ROW, JSON.stringify(packed),
      ); // prettier-ignore
    }
  }

  stageFiles(hour: number, part: number, files: readonly CoveredFile[]): void {
    this.#stage("staged_files", hour, part, files.map(packFile));
  }

  stagedFiles(hour: number): CoveredFile[] {
    return this.#parts<PackedFile>("staged_files", hour).map(unpackFile);
  }

  stageMarks(hour: number, part: number, marks: StagedMarks): void {
    this.#stage("staged_marks", hour, part, marks);
  }

  stagedMarks(hour: number): StagedMarks {
    return this.#parts<StagedMarks[number]>("staged_marks", hour);
  }

  clearStaged(table: "staged_files" | "staged_marks", hour: number | null = null): void {
    if (hour === null) this.#sql.exec(`DELETE FROM ${table}`);
    else this.#sql.exec(`DELETE FROM ${table} WHERE hour = ?`, hour);
  }

  /** Deletes all cached rows. With other settings, the same keys have another meaning. */
  forgetAll(): void {
    for (const table of ["memo", "hours", "files", "staged_files", "staged_marks"]) {
      this.#sql.exec(`DELETE FROM ${table}`);
    }
  }

  #stage(table: PartTable, hour: number, part: number, values: readonly unknown[]): void {
    this.#sql.exec(
      `INSERT INTO ${table} (hour, part, entries_json) VALUES (?, ?, ?)`,
      hour, part, JSON.stringify(values),
    ); // prettier-ignore
  }

  #parts<T>(table: PartTable, hour: number): T[] {
    return all<{ entries_json: string }>(
      this.#sql,
      `SELECT entries_json FROM ${table} WHERE hour = ? ORDER BY part`,
      hour,
    ).flatMap(({ entries_json }) => JSON.parse(entries_json) as T[]);
  }
}
