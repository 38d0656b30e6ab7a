// The SQL of the windows. Methods take and return typed rows. Decides nothing. Two statements are atomic only inside
// one transactionSync of the caller.
import type { Window } from "../../../src/contract/parse-spec.ts";
import type { Overlap } from "../../../src/contract/registry.ts";
import type { QueueRequest, WindowState } from "../../../src/contract/windows.ts";
import { all, first, type Sql, type SqlValue } from "../../../src/platform/sql.ts";
import { MAX_WINDOW_MS } from "../../../src/contract/windows.ts";
import type { ActiveWindow, KnownRun } from "./decide-window.ts";
import { insertWindows, type Place } from "./insert-window-rows.ts";
import type { NewWindow } from "./receive.ts";
import type { WindowCounts } from "./rules.ts";
import { WINDOW_COLUMNS, windowRow, type WindowColumns, type WindowRow } from "./window-row.ts";

const FROM = "FROM windows w JOIN window_requests r ON r.id = w.request";
/** The most windows that expire in one turn. */
const EXPIRED_LIMIT = 200;

/** A change of one row. An absent member leaves its column unchanged. */
export interface WindowChange {
  state?: WindowState;
  reason?: { code: string; detail: string } | null;
  waits?: boolean;
  window?: Window;
  rank?: number;
  position?: number;
  notBefore?: number | null;
  expiresAt?: number | null;
  attempts?: number;
  runId?: string;
  isCancelled?: boolean;
  into?: number;
  overlaps?: readonly Overlap[];
  left?: { startMs: number; endMs: number } | null;
}

/** The place of a row in the order of starting. */
export interface TurnPosition {
  rank: number;
  position: number;
  isSeries: boolean;
  id: number;
}

export class WindowRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insertRequest(request: QueueRequest, key: string, now: number): number {
    const [row] = all<{ id: number }>(
      this.#sql,
      `INSERT INTO window_requests (actor, reason, source, wanted_json, skip_sent, max_age_ms, max_attempts,
         options_key, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      request.actor, request.reason, request.source, JSON.stringify(request.wanted), request.skipSent ? 1 : 0,
      request.maxAgeMs, request.maxAttempts, key, now,
    ); // prettier-ignore
    if (!row) throw new Error("the request got no row");
    return row.id;
  }

  /** The number of the next window. Rows are never deleted, so numbers are never reused. */
  nextId(): number {
    return (first<{ id: number | null }>(this.#sql, "SELECT max(id) AS id FROM windows")?.id ?? 0) + 1;
  }

  /** Inserts windows. `place` is what all of them have in common. These windows come last in their rank, in the
   * order of their ids. */
  insert(windows: readonly NewWindow[], place: Place, now: number): void {
    insertWindows(this.#sql, windows, place, now);
  }

  change(id: number, change: WindowChange): void {
    const sets: [column: string, value: SqlValue][] = [];
    if (change.state !== undefined) sets.push(["state", change.state]);
    if (change.reason !== undefined)
      sets.push(["state_code", change.reason?.code ?? null], ["state_detail", change.reason?.detail ?? null]);
    if (change.waits !== undefined) sets.push(["waits", change.waits ? 1 : 0]);
    if (change.window !== undefined) {
      const { startMs, endMs, endExclusive } = change.window;
      sets.push(["start_ms", startMs], ["end_ms", endMs], ["end_exclusive", endExclusive ? 1 : 0]);
    }
    if (change.rank !== undefined) sets.push(["rank", change.rank]);
    if (change.position !== undefined) sets.push(["position", change.position]);
    if (change.notBefore !== undefined) sets.push(["not_before", change.notBefore]);
    if (change.expiresAt !== undefined) sets.push(["expires_at", change.expiresAt]);
    if (change.attempts !== undefined) sets.push(["attempts", change.attempts]);
    if (change.runId !== undefined) sets.push(["run_id", change.runId]);
    if (change.isCancelled !== undefined) sets.push(["is_cancelled", change.isCancelled ? 1 : 0]);
    if (change.into !== undefined) sets.push(["into_window", change.into]);
    if (change.overlaps !== undefined) sets.push(["overlaps_json", JSON.stringify(change.overlaps)]);
    if (change.left !== undefined)
      sets.push(["left_start_ms", change.left?.startMs ?? null], ["left_end_ms", change.left?.endMs ?? null]);
    if (sets.length === 0) return;
    const columns = sets.map(([column]) => `${column} = ?`).join(", ");
    this.#sql.exec(`UPDATE windows SET ${columns} WHERE id = ?`, ...sets.map(([, value]) => value), id);
  }

  byId(id: number): WindowRow | undefined {
    return this.#rows("WHERE w.id = ?", id)[0];
  }

  byRun(runId: string): WindowRow | undefined {
    return this.#rows("WHERE w.run_id = ?", runId)[0];
  }

  /** The row that starts next: a window, or a series whose next window is cut. */
  next(now: number): WindowRow | undefined {
    return this.#rows(
      `WHERE w.id = (SELECT id FROM windows WHERE waits = 1 AND (not_before IS NULL OR not_before <= ?)
         ORDER BY rank, position, is_series, id LIMIT 1)`,
      now,
    )[0];
  }

  /** When the first waiting row may start, or expires. Null: no row waits. */
  earliest(): { startsAt: number; expiresAt: number } | null {
    const row = first<{ starts: number | null; expires: number | null }>(
      this.#sql,
      `SELECT (SELECT min(coalesce(not_before, 0)) FROM windows WHERE waits = 1) AS starts,
         (SELECT min(expires_at) FROM windows WHERE waits = 1) AS expires`,
    );
    if (!row || row.starts === null) return null;
    return { startsAt: row.starts, expiresAt: row.expires ?? Number.MAX_SAFE_INTEGER };
  }

  /** Expires a bounded number of rows and returns their ids. */
  expire(now: number): number[] {
    return all<{ id: number }>(
      this.#sql,
      `UPDATE windows SET state = 'expired', waits = 0, expires_at = NULL, state_code = 'max_age',
         state_detail = 'it waited longer than max_age'
       WHERE id IN (SELECT id FROM windows WHERE waits = 1 AND expires_at <= ? LIMIT ?) RETURNING id`,
      now, EXPIRED_LIMIT,
    ).map(({ id }) => id); // prettier-ignore
  }

  /** Cancels the windows of a series that have not started. */
  cancelQueuedOf(series: number): void {
    this.#sql.exec(
      "UPDATE windows SET state = 'cancelled', waits = 0, expires_at = NULL WHERE series = ? AND state IN ('queued', 'blocked')",
      series,
    );
  }

  /** Queued and running windows that come near [fromMs, toMs]. */
  active(fromMs: number, toMs: number): ActiveWindow[] {
    const rows = all<{
      id: number;
      request: number;
      start_ms: number;
      end_ms: number;
      end_exclusive: number;
      may_grow: number;
    }>(
      this.#sql,
      `SELECT id, request, coalesce(left_start_ms, start_ms) AS start_ms, coalesce(left_end_ms, end_ms) AS end_ms,
         end_exclusive, state = 'queued' AND is_series = 0 AND attempts = 0 AND series IS NULL AS may_grow
       FROM windows WHERE state IN ('queued', 'running', 'needs_attention') AND start_ms <= ? AND end_ms >= ?
         AND (is_series = 0 OR waits = 1)`,
      toMs, fromMs,
    ); // prettier-ignore
    // Many windows have the same request, so each key is read once.
    const requests = JSON.stringify([...new Set(rows.map(({ request }) => request))]);
    const sql = "SELECT id, options_key FROM window_requests WHERE id IN (SELECT value FROM json_each(?))";
    const keys = new Map(
      all<{ id: number; options_key: string }>(this.#sql, sql, requests).map((row) => [
        row.id,
        row.options_key,
      ]),
    );
    return rows.map((row) => ({
      id: row.id,
      startMs: row.start_ms,
      endMs: row.end_ms,
      endExclusive: row.end_exclusive === 1,
      key: keys.get(row.request) ?? "",
      mayGrow: row.may_grow === 1,
    }));
  }

  /** Runs that sent lines, or that may send them, and come near [fromMs, toMs]. */
  knownRuns(fromMs: number, toMs: number): KnownRun[] {
    return all<{ run_id: string; start_ms: number; end_ms: number; open: number; sent: number; covers: number; delivered: number }>(
      this.#sql,
      `SELECT run_id, start_ms, end_ms, coalesce(spec ->> '$.parse.endExclusive', 0) AS open, sent_something AS sent,
         stage NOT IN ('aborting', 'aborted') AS covers, delivered_at IS NOT NULL AS delivered
       FROM runs WHERE start_ms BETWEEN ? AND ? AND end_ms >= ? AND spec ->> '$.dryRun' IS NULL
         AND (sent_something = 1 OR stage NOT IN ('aborting', 'aborted'))`,
      fromMs - MAX_WINDOW_MS, toMs, fromMs,
    ).map((row) => ({
      runId: row.run_id,
      window: { startMs: row.start_ms, endMs: row.end_ms, endExclusive: row.open === 1 },
      covers: row.covers === 1,
      delivered: row.covers === 1 && row.delivered === 1,
      sent: row.sent === 1,
    })); // prettier-ignore
  }

  /** The unfinished run of the queue that continues by itself, by its last report. It may rest without the slot, and
   * no other window may start meanwhile. Otherwise every window would start and rest, one after the other. Few runs
   * are unfinished. */
  runAtWork(): string | null {
    const sql = `SELECT run_id FROM runs WHERE finished = 0 AND spec ->> '$.queueWindow' IS NOT NULL
      AND stage IN ('scanning_and_queueing', 'sending', 'suspended') LIMIT 1`;
    return first<{ run_id: string }>(this.#sql, sql)?.run_id ?? null;
  }

  countWaiting(): number {
    return first<{ n: number }>(this.#sql, "SELECT count(*) AS n FROM windows WHERE waits = 1")?.n ?? 0;
  }

  countRunning(): number {
    const sql = "SELECT count(*) AS n FROM windows WHERE state = 'running' AND is_series = 0";
    return first<{ n: number }>(this.#sql, sql)?.n ?? 0;
  }

  countsOf(series: number): WindowCounts {
    const sql = "SELECT state, count(*) AS n FROM windows WHERE series = ? GROUP BY state";
    return Object.fromEntries(
      all<{ state: WindowState; n: number }>(this.#sql, sql, series).map(({ state, n }) => [state, n]),
    );
  }

  /** Newest first. */
  page(before: number | null, states: readonly string[], limit: number): WindowRow[] {
    const wanted = states.length > 0 ? "AND w.state IN (SELECT value FROM json_each(?))" : "";
    return this.#rows(
      `WHERE w.id < ? ${wanted} ORDER BY w.id DESC LIMIT ?`,
      before ?? Number.MAX_SAFE_INTEGER, ...(wanted ? [JSON.stringify(states)] : []), limit,
    ); // prettier-ignore
  }

  /** A page of the queued windows, in the order in which they start. */
  turnPage(after: TurnPosition | null, limit: number): WindowRow[] {
    const { rank, position, isSeries, id } = after ?? FIRST;
    return this.#rows(
      `WHERE w.waits = 1 AND (w.rank, w.position, w.is_series, w.id) > (?, ?, ?, ?)
       ORDER BY w.rank, w.position, w.is_series, w.id LIMIT ?`,
      rank, position, isSeries ? 1 : 0, id, limit,
    ); // prettier-ignore
  }

  /** The position of the row before this row in its rank. Null: this row is the first. */
  positionBefore({ rank, position }: { rank: number; position: number }): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT max(position) AS at FROM windows WHERE waits = 1 AND rank = ? AND position < ?",
      rank,
      position,
    );
    return row?.at ?? null;
  }

  /** The position of the row after this row in its rank. Null: this row is the last. */
  positionAfter({ rank, position }: { rank: number; position: number }): number | null {
    const row = first<{ at: number | null }>(
      this.#sql,
      "SELECT min(position) AS at FROM windows WHERE waits = 1 AND rank = ? AND position > ?",
      rank,
      position,
    );
    return row?.at ?? null;
  }

  /** Spreads the positions of a rank again: 1, 2, 3 … Windows of one series share their position. */
  renumber(rank: number): void {
    this.#sql.exec(
      `UPDATE windows SET position = spread.at
       FROM (SELECT id, dense_rank() OVER (ORDER BY position) AS at FROM windows WHERE waits = 1 AND rank = ?) AS spread
       WHERE windows.id = spread.id`,
      rank,
    );
  }

  #rows(where: string, ...values: SqlValue[]): WindowRow[] {
    return all<WindowColumns>(this.#sql, `SELECT ${WINDOW_COLUMNS} ${FROM} ${where}`, ...values).map(
      windowRow,
    );
  }
}

const FIRST: TurnPosition = { rank: Number.MIN_SAFE_INTEGER, position: 0, isSeries: false, id: 0 };
