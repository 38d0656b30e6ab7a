// Inserts rows of windows, up to 1,000 in one call. It decides nothing.
import { jsonChunks, type Sql } from "../../../src/platform/sql.ts";
import type { NewWindow } from "./receive.ts";

/** What the windows of one request have in common. */
export interface Place {
  request: number;
  rank: number;
  notBefore: number | null;
  expiresAt: number;
  series?: number;
  position?: number;
}

export function insertWindows(sql: Sql, windows: readonly NewWindow[], place: Place, now: number): void {
  const { request, rank, notBefore, expiresAt, series = null, position = null } = place;
  // Nearly all windows are queued as asked, and need only these members. SQLite parses the JSON of a row again for
  // each member, so fewer members cost less.
  const plain = windows
    .filter(isPlain)
    .map((one) => [one.id, one.startMs, one.endMs, one.endExclusive ? 1 : 0]);
  for (const json of jsonChunks(plain)) {
    sql.exec(
      `INSERT INTO windows (id, request, series, is_series, state, waits, start_ms, end_ms, end_exclusive, rank,
         position, not_before, expires_at, created_at)
       SELECT value ->> 0, ?, ?, 0, 'queued', 1, value ->> 1, value ->> 2, value ->> 3, ?, coalesce(?, value ->> 0), ?,
         ?, ? FROM json_each(?)`,
      request, series, rank, position, notBefore, expiresAt, now, json,
    ); // prettier-ignore
  }
  const others = windows.filter((one) => !isPlain(one));
  const rows = others.map((one) => ({ ...one, isBlocked: one.overlaps.length > 0 }));
  for (const json of jsonChunks(rows)) {
    sql.exec(
        `INSERT INTO windows (id, request, series, is_series, state, state_code, state_detail, waits, start_ms, end_ms,
           end_exclusive, rank, position, not_before, expires_at, created_at, overlaps_json, chunk_ms, newest_first,
           left_start_ms, left_end_ms)
         SELECT value ->> 'id', ?, ?, value ->> 'kind' = 'series', iif(value ->> 'isBlocked', 'blocked', 'queued'),
           iif(value ->> 'isBlocked', 'overlap', NULL),
           iif(value ->> 'isBlocked', 'a part of it was sent before', NULL), NOT value ->> 'isBlocked',
           value ->> 'startMs', value ->> 'endMs', value ->> 'endExclusive', ?, coalesce(?, value ->> 'id'), ?,
           iif(value ->> 'isBlocked', NULL, ?), ?, iif(value ->> 'isBlocked', value -> 'overlaps', NULL),
           value ->> 'chunkMs', value ->> 'newestFirst',
           iif(value ->> 'kind' = 'series', value ->> 'startMs', NULL),
           iif(value ->> 'kind' = 'series', value ->> 'endMs', NULL)
         FROM json_each(?)`,
      request, series, rank, position, notBefore, expiresAt, now, json,
    ); // prettier-ignore
  }
}

function isPlain({ kind, overlaps }: NewWindow): boolean {
  return kind === "window" && overlaps.length === 0;
}
