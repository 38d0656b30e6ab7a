// Contains every SQL statement about watching for holes: the switch, proposed windows, events. Decides nothing.
import type { AutoReplayEvent, AutoReplayState } from "../../../src/contract/auto-replay.ts";
import { iso } from "../../../src/contract/instants.ts";
import type { Json } from "../../../src/contract/states.ts";
import { all, first, type Sql } from "../../../src/platform/sql.ts";
import type { SpanMs } from "../rules/cells.ts";

export interface AutoWindow {
  id: number;
  span: SpanMs;
  state: AutoReplayState;
  files: number;
  proposedAt: number;
  changedAt: number;
  window: number | null;
  detail: string | null;
}

type WindowRow = {
  id: number;
  start_ms: number;
  end_ms: number;
  state: AutoReplayState;
  files: number;
  proposed_at: number;
  changed_at: number;
  queue_window: number | null;
  detail: string | null;
};

const COLUMNS = "id, start_ms, end_ms, state, files, proposed_at, changed_at, queue_window, detail";
const KEPT_EVENTS = 1_000;

function windowOf(row: WindowRow): AutoWindow {
  return {
    id: row.id,
    span: [row.start_ms, row.end_ms],
    state: row.state,
    files: row.files,
    proposedAt: row.proposed_at,
    changedAt: row.changed_at,
    window: row.queue_window,
    detail: row.detail,
  };
}

export class AutoRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  memo<T>(name: string): T | null {
    const row = first<{ value_json: string }>(
      this.#sql,
      "SELECT value_json FROM auto_memo WHERE name = ?",
      name,
    );
    return row ? (JSON.parse(row.value_json) as T) : null;
  }

  saveMemo(name: string, value: unknown): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO auto_memo (name, value_json) VALUES (?, ?)",
      name, JSON.stringify(value),
    ); // prettier-ignore
  }

  /** Earliest number first. */
  byId(ids: readonly number[]): AutoWindow[] {
    return all<WindowRow>(
      this.#sql,
      `SELECT ${COLUMNS} FROM auto_windows WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
      JSON.stringify(ids),
    ).map(windowOf);
  }

  /** Windows that share an instant with the span, newest first. */
  windows([from, to]: SpanMs, most = -1): AutoWindow[] {
    return all<WindowRow>(
      this.#sql,
      `SELECT ${COLUMNS} FROM auto_windows WHERE end_ms > ? AND start_ms < ? ORDER BY id DESC LIMIT ?`,
      from,
      to,
      most,
    ).map(windowOf);
  }

  /** Earliest number first. */
  inState(state: AutoReplayState): AutoWindow[] {
    const sql = `SELECT ${COLUMNS} FROM auto_windows WHERE state = ? ORDER BY id`;
    return all<WindowRow>(this.#sql, sql, state).map(windowOf);
  }

  countsByState(): Partial<Record<AutoReplayState, number>> {
    const sql = "SELECT state, count(*) AS n FROM auto_windows GROUP BY state";
    const rows = all<{ state: AutoReplayState; n: number }>(this.#sql, sql);
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  }

  /** Returns the number of the window. */
  add([startMs, endMs]: SpanMs, state: AutoReplayState, files: number, now: number): number {
    const row = first<{ id: number }>(
      this.#sql,
      `INSERT INTO auto_windows (start_ms, end_ms, state, files, proposed_at, changed_at)
       VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
      startMs, endMs, state, files, now, now,
    ); // prettier-ignore
    if (!row) throw new Error("a window without a number");
    return row.id;
  }

  change(
    id: number,
    state: AutoReplayState,
    now: number,
    more: { window?: number | null; detail?: string | null } = {},
  ): void {
    const { window = null, detail = null } = more;
    this.#sql.exec(
      "UPDATE auto_windows SET state = ?, changed_at = ?, queue_window = ?, detail = ? WHERE id = ?",
      state, now, window, detail, id,
    ); // prettier-ignore
  }

  /** Returns the number of the event. */
  addEvent(at: number, actor: string, kind: string, detail: { [key: string]: Json }): number {
    const row = first<{ event: number }>(
      this.#sql,
      "INSERT INTO auto_events (at, actor, kind, detail_json) VALUES (?, ?, ?, ?) RETURNING event",
      at, actor, kind, JSON.stringify(detail),
    ); // prettier-ignore
    if (!row) throw new Error("an event without a number");
    return row.event;
  }

  /** Newest first. */
  events(most: number): AutoReplayEvent[] {
    return all<{ event: number; at: number; actor: string; kind: string; detail_json: string }>(
      this.#sql,
      "SELECT event, at, actor, kind, detail_json FROM auto_events ORDER BY event DESC LIMIT ?",
      most,
    ).map(({ at, detail_json, ...row }) => ({
      ...row,
      at: iso(at),
      detail: JSON.parse(detail_json) as { [key: string]: Json },
    }));
  }

  /** Deletes windows that ended before `before`, and the oldest events. */
  prune(before: number): void {
    this.#sql.exec("DELETE FROM auto_windows WHERE end_ms < ?", before);
    this.#sql.exec(
      "DELETE FROM auto_events WHERE event <= (SELECT max(event) FROM auto_events) - ?",
      KEPT_EVENTS,
    );
  }
}
