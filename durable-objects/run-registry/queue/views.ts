// Shows rows of the queue in the field names of the API. Reads rows, never writes.
import { iso, isoOrNull } from "../../../src/contract/instants.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type {
  QueueView,
  SeriesView,
  WindowDetail,
  WindowEvent,
  WindowView,
} from "../../../src/contract/windows.ts";
import type { RegistryStore } from "../store.ts";
import type { Hindrance } from "./hindrance.ts";
import { textOf } from "./receive.ts";
import type { WindowRow } from "./window-row.ts";

export function windowView(row: WindowRow): WindowView {
  return {
    id: row.id,
    kind: row.isSeries ? "series" : "window",
    ...textOf(row),
    state: row.state,
    state_reason: row.reason,
    reason: row.asked.reason,
    source: row.asked.source,
    actor: row.asked.actor,
    priority: 0 - row.rank,
    created_at: iso(row.createdAt),
    not_before: isoOrNull(row.notBefore),
    expires_at: isoOrNull(row.expiresAt),
    attempts: row.attempts,
    max_attempts: row.asked.maxAttempts,
    run: row.runId,
    series: row.series,
    into: row.into,
  };
}

export function windowDetail(store: RegistryStore, row: WindowRow): WindowDetail {
  const queued: WindowEvent = {
    event: 0,
    at: iso(row.createdAt),
    actor: row.series === null ? row.asked.actor : "system",
    kind: row.series === null ? "queued" : "cut",
    detail: { reason: row.asked.reason },
  };
  return {
    ...windowView(row),
    runs: store.queue.runsOf(row.id),
    overlaps: row.overlaps,
    chunks: row.isSeries ? seriesView(store, row) : null,
    events: [queued, ...store.queue.events(row.id)],
  };
}

function seriesView(store: RegistryStore, row: WindowRow): SeriesView {
  const { left } = row;
  return {
    chunk_seconds: (row.chunkMs ?? 0) / 1_000,
    order: row.newestFirst ? "newest_first" : "oldest_first",
    skip_sent: row.asked.skipSent,
    left: left && { start: isoSecond(left.startMs), end: isoSecond(left.endMs) },
    windows: store.windows.countsOf(row.id),
  };
}

export function queueView(store: RegistryStore, waitsFor: Hindrance | null): QueueView {
  const pause = store.queue.pause();
  return {
    paused: pause && { at: iso(pause.at), actor: pause.by, note: pause.note },
    queued: store.windows.countWaiting(),
    running: store.windows.countRunning(),
    holder: store.slot().holder,
    waits_for: waitsFor?.detail ?? null,
    hindrance: waitsFor && {
      code: waitsFor.code,
      run: waitsFor.runId ?? null,
      not_before: isoOrNull(waitsFor.notBefore ?? null),
    },
    reserved: store.queue.turns().map(({ runId }) => runId),
  };
}
