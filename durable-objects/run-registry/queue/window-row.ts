// A row of the table of windows with its request, and how its columns are read. Does no I/O.
import type { Window } from "../../../src/contract/parse-spec.ts";
import type { Overlap, WantedRun } from "../../../src/contract/registry.ts";
import type { WindowState } from "../../../src/contract/windows.ts";

export interface WindowRow extends Window {
  id: number;
  request: number;
  series: number | null;
  isSeries: boolean;
  state: WindowState;
  reason: { code: string; detail: string } | null;
  waits: boolean;
  rank: number;
  position: number;
  notBefore: number | null;
  expiresAt: number | null;
  createdAt: number;
  attempts: number;
  runId: string | null;
  isCancelled: boolean;
  into: number | null;
  overlaps: Overlap[];
  chunkMs: number | null;
  newestFirst: boolean;
  /** The part of a series that is not cut into windows yet. */
  left: { startMs: number; endMs: number } | null;
  /** What the request of the window asked for. */
  asked: {
    actor: string;
    reason: string;
    source: string | null;
    wanted: WantedRun;
    skipSent: boolean;
    maxAgeMs: number;
    maxAttempts: number;
    key: string;
  };
}

export const WINDOW_COLUMNS = `w.id, w.request, w.series, w.is_series, w.state, w.state_code, w.state_detail, w.waits,
  w.start_ms, w.end_ms, w.end_exclusive, w.rank, w.position, w.not_before, w.expires_at, w.created_at, w.attempts,
  w.run_id, w.is_cancelled, w.into_window, w.overlaps_json, w.chunk_ms, w.newest_first, w.left_start_ms, w.left_end_ms,
  r.actor, r.reason, r.source, r.wanted_json, r.skip_sent, r.max_age_ms, r.max_attempts, r.options_key`;

export type WindowColumns = {
  id: number;
  request: number;
  series: number | null;
  is_series: number;
  state: WindowState;
  state_code: string | null;
  state_detail: string | null;
  waits: number;
  start_ms: number;
  end_ms: number;
  end_exclusive: number;
  rank: number;
  position: number;
  not_before: number | null;
  expires_at: number | null;
  created_at: number;
  attempts: number;
  run_id: string | null;
  is_cancelled: number;
  into_window: number | null;
  overlaps_json: string | null;
  chunk_ms: number | null;
  newest_first: number;
  left_start_ms: number | null;
  left_end_ms: number | null;
  actor: string;
  reason: string;
  source: string | null;
  wanted_json: string;
  skip_sent: number;
  max_age_ms: number;
  max_attempts: number;
  options_key: string;
};

export function windowRow(row: WindowColumns): WindowRow {
  const { left_start_ms: leftStart, left_end_ms: leftEnd } = row;
  return {
    id: row.id,
    request: row.request,
    series: row.series,
    isSeries: row.is_series === 1,
    state: row.state,
    reason: row.state_code === null ? null : { code: row.state_code, detail: row.state_detail ?? "" },
    waits: row.waits === 1,
    startMs: row.start_ms,
    endMs: row.end_ms,
    endExclusive: row.end_exclusive === 1,
    rank: row.rank,
    position: row.position,
    notBefore: row.not_before,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    attempts: row.attempts,
    runId: row.run_id,
    isCancelled: row.is_cancelled === 1,
    into: row.into_window,
    overlaps: row.overlaps_json === null ? [] : (JSON.parse(row.overlaps_json) as Overlap[]),
    chunkMs: row.chunk_ms,
    newestFirst: row.newest_first === 1,
    left: leftStart === null || leftEnd === null ? null : { startMs: leftStart, endMs: leftEnd },
    asked: {
      actor: row.actor,
      reason: row.reason,
      source: row.source,
      wanted: JSON.parse(row.wanted_json) as WantedRun,
      skipSent: row.skip_sent === 1,
      maxAgeMs: row.max_age_ms,
      maxAttempts: row.max_attempts,
      key: row.options_key,
    },
  };
}
