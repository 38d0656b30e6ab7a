// Pages of files and batches for operators, and the raw state. Reads, never writes.
import { DROP_REASONS, type DropReason, type FileCounts } from "../../../src/contract/file-counts.ts";
import { iso, isoOrNull } from "../../../src/contract/instants.ts";
import { snakeKeys } from "../../../src/platform/snake-case.ts";
import type {
  BatchesAnswer,
  EventsAnswer,
  FilesAnswer,
  InheritCursor,
  InheritedPage,
  LimitsAnswer,
  ListQuery,
  RawAnswer,
  SamplesAnswer,
  StatusAnswer,
} from "../../../src/contract/run.ts";
import type { ChoicesView, EventView, FileView } from "../../../src/contract/views.ts";
import type { Json, Refused } from "../../../src/contract/states.ts";
import { started, type RunContext } from "../context/context.ts";
import { namedKinds } from "../stage/named-kinds.ts";
import { limitsOf } from "../context/limits.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import type { FileChoices } from "../files/file-choices.ts";
import { batchViews } from "./batch-view.ts";
import { fileReason } from "./reason-text.ts";
import { liveFileView } from "./live-view.ts";
import { statusOf } from "./status.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { RunEvent } from "../ledger/side-rows.ts";

/** The most batch rows examined for one page. A page of a rare state may be short or empty although a next page
 * exists. A call must take much less than 50 ms, because every sender's call waits for it. At 3.5 million batches
 * 5,000 rows took 42–58 ms. A smaller number only costs more requests for rare states. */
const MAX_ROWS_LOOKED_AT = 2_000;
/** Rows per statement of a search, so that a page of one row does not take many statements. */
const ROWS_AT_A_TIME = 500;

export function listFiles(context: RunContext, query: ListQuery): FilesAnswer {
  const after = firstAfter(query);
  if (after === null) return badCursor();
  const { range, states, limit } = query;
  const rows = range
    ? filesInRange(context, { states, limit, range }, after)
    : context.store.files.page(states, after, limit);
  const next = rows.length < query.limit ? null : String(rows.at(-1)?.file);
  return { ok: true, page: { items: rows.map(fileView), next_cursor: next } };
}

/** Files whose range meets an hour or less, in the order of their numbers. */
function filesInRange(
  { store }: RunContext,
  { states, limit, range }: Required<Pick<ListQuery, "states" | "limit" | "range">>,
  after: number,
): FileRow[] {
  const { startMs, endMs } = range;
  const rows: FileRow[] = [];
  const found = store.rays
    .filesIn(startMs, endMs - 1)
    // The end of a range is outside, unless the range is a single instant.
    .filter(({ range_start, range_end }) => Math.max(range_start, range_end - 1) >= startMs)
    .map(({ file }) => file)
    .filter((file) => file > after);
  for (const file of found.toSorted((a, b) => a - b)) {
    const row = store.files.get(file);
    if (row && (states.length === 0 || states.includes(row.state))) rows.push(row);
    if (rows.length === limit) break;
  }
  return rows;
}

export function listBatches(context: RunContext, query: ListQuery): BatchesAnswer {
  let after = firstAfter(query);
  if (after === null) return badCursor();
  const items: BatchRow[] = [];
  let next: string | null = null;
  // Without a state filter, every examined row is shown.
  const most = query.states.length === 0 ? query.limit : ROWS_AT_A_TIME;
  for (let looked = 0; looked < MAX_ROWS_LOOKED_AT;) {
    const rows = context.store.batches.page(after, most);
    looked += rows.length;
    for (const row of rows) {
      after = row.batch;
      if (query.states.length === 0 || query.states.includes(row.state)) items.push(row);
      if (items.length === query.limit) break;
    }
    const isEnd = rows.length < most && after === (rows.at(-1)?.batch ?? after);
    next = isEnd ? null : String(after);
    if (isEnd || items.length === query.limit) break;
  }
  return { ok: true, page: { items: batchViews(context, items), next_cursor: next } };
}

export function listEvents(context: RunContext, query: ListQuery): EventsAnswer {
  const after = readCursor(query.cursor);
  if (after === null) return badCursor();
  const items = context.store.events(after, query.limit).map(eventView);
  return {
    ok: true,
    page: { items, next_cursor: items.length < query.limit ? null : String(items.at(-1)?.event) },
  };
}

/** Malformed lines of the run, in the order of discovery. */
export function listSamples(context: RunContext, query: ListQuery): SamplesAnswer {
  const after = readCursor(query.cursor);
  if (after === null) return badCursor();
  const rows = context.store.samples(after, query.limit);
  const items = rows.map((row) => ({ ...row, key: context.store.files.get(row.file)?.key ?? null }));
  return {
    ok: true,
    page: { items, next_cursor: rows.length < query.limit ? null : String(rows.at(-1)?.sample) },
  };
}

export function eventView(event: RunEvent & { event: number }): EventView {
  return {
    event: event.event,
    at: iso(event.at),
    actor: event.actor,
    kind: event.kind,
    // Older code wrote events with other names.
    detail: snakeKeys(event.detail),
  };
}

/** The most batch rows examined for one page of an inheritance. The reason is the same as for
 * MAX_ROWS_LOOKED_AT. */
const INHERITED_ROWS = 2_000;

export function inheritance(
  context: RunContext,
  after: InheritCursor,
): InheritedPage | Refused<"unknown_run"> {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { continueOf } = run.spec;
  if (continueOf !== null && run.row.inherit_json !== null) {
    // This run was aborted before it had copied all inherited batches. It has parsed nothing, so the reader must
    // ask the run that it continues.
    return { ok: true, batches: [], next: 0, from: continueOf };
  }
  const { inherited } = context.store;
  if (typeof after !== "number") {
    const end = inherited.rangeEnd(after, INHERITED_ROWS);
    return { ok: true, batches: inherited.handedOn(after, end), next: end };
  }
  const upTo = after + INHERITED_ROWS;
  const batches = inherited.own(after, upTo);
  const { receiver_key: key, receiver_print: print } = run.row;
  const receiver = print === null ? null : { key, print };
  // This run's own choices come last and replace the choices of an earlier run.
  const choices = [...(after === 0 ? inherited.earlierChoices() : []), ...inherited.ownChoices(after, upTo)];
  const { live: markers } = context.store;
  const earlier = markers.earlier(after, INHERITED_ROWS);
  const live = [...earlier, ...markers.own(after, upTo)];
  const isRead = upTo >= Math.max(run.row.next_batch, run.row.next_file);
  const isOver = isRead && earlier.length < INHERITED_ROWS;
  const handedOn = continueOf === null ? null : { key: "", digest: "", ordinal: -1 };
  return { ok: true, choices, live, batches, receiver, next: isOver ? handedOn : upTo };
}

export function limits(context: RunContext): LimitsAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  return { ok: true, limits: limitsOf(run.row) };
}

/** The number after which the page begins: after the cursor, and not before `from`. Null: a wrong cursor. */
function firstAfter({ cursor, from = 0 }: ListQuery): number | null {
  const after = readCursor(cursor);
  return after === null ? null : Math.max(after, from - 1, 0);
}

function readCursor(cursor: string | null): number | null {
  if (cursor === null) return 0;
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : null;
}

function badCursor(): { ok: false; code: "bad_cursor"; detail: string } {
  return { ok: false, code: "bad_cursor", detail: "the cursor was not issued by this list" };
}

export function fileView(row: FileRow): FileView {
  const counts = row.counts_json === null ? null : (JSON.parse(row.counts_json) as FileCounts);
  return {
    file: row.file,
    key: row.key,
    size: row.size,
    etag: row.etag,
    uploaded_at: iso(row.uploaded_at),
    state: row.state,
    reason: fileReason(row),
    attempt: row.attempt,
    crashes: row.crashes,
    counted: row.counted === 1,
    range: { start: iso(row.range_start), end: iso(row.range_end) },
    lines: counts && {
      read: counts.linesRead,
      kept: counts.kept,
      malformed: counts.malformed,
      repaired: counts.repaired ?? 0,
      empty: counts.emptyLines,
      dropped: droppedOf(counts),
    },
    bytes: counts && { read: counts.bytesRead, inflated: counts.rawBytes },
    first_kept: counts && isoOrNull(counts.firstKeptMs),
    last_kept: counts && isoOrNull(counts.lastKeptMs),
    salvaged: row.salvaged_json === null ? null : (JSON.parse(row.salvaged_json) as FileView["salvaged"]),
    samples: counts?.samples ?? [],
    ...liveFileView(row, counts),
    choices: row.choices_json === null ? null : choicesView(row.choices_json),
    batches: { first: row.first_batch, count: row.batch_count, unsettled: row.unsettled },
  };
}

function droppedOf({ dropped }: FileCounts): Record<DropReason, number> {
  const counts = DROP_REASONS.map((reason) => [reason, dropped[reason] ?? 0] as const);
  return Object.fromEntries(counts) as Record<DropReason, number>;
}

function choicesView(json: string): ChoicesView {
  const { topLevelParentRayIds, onCorrupt, liveWaiting, accepted } = JSON.parse(json) as FileChoices;
  return {
    top_level_parent_ray_ids: topLevelParentRayIds ?? null,
    on_corrupt: onCorrupt ?? null,
    ...(liveWaiting && { live_waiting: liveWaiting }),
    accepted: accepted ? { send: accepted.send } : null,
  };
}

/** The rows as they are stored, for support. They contain no secret, because the receiver's key and fingerprint
 * are left out. */
export function raw(context: RunContext): RawAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { receiver_key: _key, receiver_print: _print, ...row } = run.row;
  const totals = context.store.totals.read();
  return {
    ok: true,
    raw: {
      run: row,
      totals,
      receiver: { breaker: run.hot.breaker_json, answers: run.hot.answers_json, pace: run.hot.pace_json },
      send_leases: run.hot.leases_json,
      foreign_keys: namedKinds(context, totals),
      events: context.store.events(0, 100) as unknown as Json,
      pace_log: context.memory.limiter.pace.log.map((permit) => ({
        ...permit,
        lines: Number.isFinite(permit.lines) ? permit.lines : null,
      })),
    },
  };
}

export function status(context: RunContext): StatusAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  return { ok: true, status: statusOf(context, run) };
}
