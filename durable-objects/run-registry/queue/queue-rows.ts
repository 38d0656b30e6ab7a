// The SQL of the window queue, except the table of windows: events, runs of windows, sources of requests,
// idempotency keys, reservations of the receiver's slot (turns), and the pause of the queue. Decides nothing.
import type { Json } from "../../../src/contract/states.ts";
import type { WindowEvent } from "../../../src/contract/windows.ts";
import { iso } from "../../../src/contract/instants.ts";
import { all, first, type Sql } from "../../../src/platform/sql.ts";
import { CAP_MS } from "./rules.ts";

/** The most events of one window that are shown. The newest events are shown. */
const EVENTS_LIMIT = 200;
/** The most expired answers and sources that are deleted at once. */
const PRUNE_LIMIT = 200;

export interface QueuePause {
  at: number;
  by: string;
  note: string | null;
}

export class QueueRows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  addEvent(windowId: number, actor: string, kind: string, detail: Record<string, Json>, now: number): void {
    this.#sql.exec(
      "INSERT INTO window_events (window_id, at, actor, kind, detail_json) VALUES (?, ?, ?, ?, ?)",
      windowId, now, actor, kind, JSON.stringify(detail),
    ); // prettier-ignore
  }

  /** Oldest first. */
  events(windowId: number): WindowEvent[] {
    return all<{ event: number; at: number; actor: string; kind: string; detail_json: string }>(
      this.#sql,
      `SELECT event, at, actor, kind, detail_json FROM window_events WHERE window_id = ? ORDER BY event DESC LIMIT ?`,
      windowId, EVENTS_LIMIT,
    )
      .map(({ event, at, actor, kind, detail_json }) => ({
        event, at: iso(at), actor, kind, detail: JSON.parse(detail_json) as WindowEvent["detail"],
      }))
      .toReversed(); // prettier-ignore
  }

  addRun(windowId: number, attempt: number, runId: string): void {
    this.#sql.exec(
      "INSERT INTO window_runs (window_id, attempt, run_id) VALUES (?, ?, ?)",
      windowId,
      attempt,
      runId,
    );
  }

  runsOf(windowId: number): string[] {
    const sql = "SELECT run_id FROM window_runs WHERE window_id = ? ORDER BY attempt";
    return all<{ run_id: string }>(this.#sql, sql, windowId).map(({ run_id }) => run_id);
  }

  /** The windows that the source queued in the last minute, oldest first. */
  takenBy(source: string, now: number): { at: number; count: number }[] {
    return all<{ at: number; count: number }>(
      this.#sql,
      "SELECT at, count FROM window_sources WHERE source = ? AND at > ? ORDER BY at",
      source,
      now - CAP_MS,
    );
  }

  addTaken(source: string, count: number, now: number): void {
    this.#sql.exec(
      `INSERT INTO window_sources (source, at, count) VALUES (?, ?, ?)
       ON CONFLICT (source, at) DO UPDATE SET count = count + excluded.count`,
      source, now, count,
    ); // prettier-ignore
    this.#sql.exec(
      `DELETE FROM window_sources WHERE (source, at) IN (SELECT source, at FROM window_sources WHERE at <= ? LIMIT ?)`,
      now - CAP_MS,
      PRUNE_LIMIT,
    );
  }

  remembered(key: string): { bodyHash: string; answer: string; createdAt: number } | undefined {
    const row = first<{ body_hash: string; answer_json: string; created_at: number }>(
      this.#sql,
      "SELECT body_hash, answer_json, created_at FROM window_keys WHERE key = ?",
      key,
    );
    return row && { bodyHash: row.body_hash, answer: row.answer_json, createdAt: row.created_at };
  }

  remember(key: string, bodyHash: string, answer: string, now: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO window_keys (key, body_hash, answer_json, created_at) VALUES (?, ?, ?, ?)",
      key, bodyHash, answer, now,
    ); // prettier-ignore
  }

  prune(createdBefore: number): void {
    this.#sql.exec(
      "DELETE FROM window_keys WHERE key IN (SELECT key FROM window_keys WHERE created_at <= ? ORDER BY created_at LIMIT ?)",
      createdBefore,
      PRUNE_LIMIT,
    );
  }

  /** Reserves the slot for the run: it gets the slot before the next window starts. */
  askTurn(runId: string, now: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO slot_turns (run_id, asked_at) VALUES (?, ?)", runId, now);
  }

  dropTurn(runId: string): void {
    this.#sql.exec("DELETE FROM slot_turns WHERE run_id = ?", runId);
  }

  /** Call when the slot becomes free. The reservations then end at `until`. */
  keepTurns(until: number): void {
    this.#sql.exec("UPDATE slot_turns SET until = ?", until);
  }

  /** Deletes the reservations that have ended. Call only while the slot is free. */
  dropTurnsUntil(now: number): void {
    this.#sql.exec("DELETE FROM slot_turns WHERE until <= ?", now);
  }

  /** Oldest first. */
  turns(): { runId: string; until: number | null }[] {
    return all<{ run_id: string; until: number | null }>(
      this.#sql,
      "SELECT run_id, until FROM slot_turns ORDER BY asked_at, run_id LIMIT 20",
    ).map(({ run_id, until }) => ({ runId: run_id, until }));
  }

  pause(): QueuePause | null {
    const row = first<{ paused_at: number | null; paused_by: string; paused_note: string | null }>(
      this.#sql,
      "SELECT paused_at, paused_by, paused_note FROM queue",
    );
    if (!row || row.paused_at === null) return null;
    return { at: row.paused_at, by: row.paused_by, note: row.paused_note };
  }

  setPause(pause: QueuePause | null): void {
    this.#sql.exec(
      "UPDATE queue SET paused_at = ?, paused_by = ?, paused_note = ?",
      pause?.at ?? null, pause?.by ?? null, pause?.note ?? null,
    ); // prettier-ignore
  }
}
