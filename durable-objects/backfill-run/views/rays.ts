// The calls of a search for one RayID to a run. These calls only read rows, and record in memory that a search is
// under way.
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import { iso } from "../../../src/contract/instants.ts";
import type {
  RayDeliveriesAnswer,
  RayDelivery,
  RayFile,
  RayFilesAnswer,
  RayFilesQuery,
  RayLine,
  RayLive,
} from "../../../src/contract/rays.ts";
import type { Refused } from "../../../src/contract/states.ts";
import { allBatchesOf, olderRanges } from "../batches/of-file.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import { parseSpecOf } from "../files/file-choices.ts";
import { frozenOf } from "../files/live-evidence.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { FileRange } from "../ledger/ray-rows.ts";
import { SAME_AS } from "../ledger/reasons.ts";
import { batchViews } from "./batch-view.ts";
import { judgeCarriers, judgeFile } from "./ray-delivery.ts";

/** The most files in one answer. Each takes about 600 bytes. */
const FILES_AT_ONCE = 200;

export function rayFiles(context: RunContext, query: RayFilesQuery): RayFilesAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const chosen =
    query.at === null ? inOrder(context, query.cursor) : near(context, run, query.at, query.cursor);
  if (!Array.isArray(chosen)) return chosen;
  if (!context.memory.rayQuery.begin(context.now))
    return { ok: false, code: "query_under_way", detail: "another search in this run has not ended" };
  const files = chosen.slice(0, FILES_AT_ONCE).flatMap(({ file, cursor }) => {
    const row = context.store.files.get(file);
    return row ? [rayFile(context, run, row, cursor)] : [];
  });
  return { ok: true, files, isLast: chosen.length <= FILES_AT_ONCE };
}

type Chosen = { file: number; cursor: string };

function inOrder(context: RunContext, cursor: string | null): Chosen[] | Refused<"bad_cursor"> {
  if (cursor !== null && !/^\d{1,15}$/.test(cursor)) return badCursor();
  const rows = context.store.files.page([], Number(cursor ?? 0), FILES_AT_ONCE + 1);
  return rows.map(({ file }) => ({ file, cursor: String(file) }));
}

/** A record may begin before the range of its file. So files near the instant come after those that cover it. */
function near(
  context: RunContext,
  run: StartedRun,
  at: number,
  cursor: string | null,
): Chosen[] | Refused<"bad_cursor" | "at_outside"> {
  const { parse } = run.spec;
  const { marginMs, lookbackMs } = run.listing;
  const [from, until] = [parse.startMs - lookbackMs, parse.endMs + marginMs];
  if (at < from || at > until) {
    const detail = `expected an instant from ${iso(from)} to ${iso(until)}, the window of the run and its margins`;
    return { ok: false, code: "at_outside", detail };
  }
  const place = cursor === null ? ["", "-1", "0"] : /^(\d{1,15})-(\d{1,15})$/.exec(cursor);
  if (place === null) return badCursor();
  const [distance, file] = [Number(place[1]), Number(place[2])];
  const margin = Math.max(marginMs, run.row.farthest_ms);
  return context.store.rays
    .filesIn(at - margin, at + margin)
    .map((range) => ({ file: range.file, distance: distanceOf(range, at) }))
    .filter((one) => one.distance > distance || (one.distance === distance && one.file > file))
    .toSorted((a, b) => a.distance - b.distance || a.file - b.file)
    .map((one) => ({ file: one.file, cursor: `${one.distance}-${one.file}` }));
}

function distanceOf({ range_start, range_end }: FileRange, at: number): number {
  return Math.max(0, range_start - at, at - range_end);
}

function badCursor(): Refused<"bad_cursor"> {
  return { ok: false, code: "bad_cursor", detail: "the cursor was not issued by this search" };
}

function rayFile(context: RunContext, run: StartedRun, row: FileRow, cursor: string): RayFile {
  const earlier = olderRanges(row).map(([first, count]) => context.store.rays.countSuperseded(first, count));
  return {
    file: row.file,
    key: row.key,
    state: row.state,
    etag: row.etag,
    parse: parseSpecOf(context, row, run.spec.parse),
    live: rayLive(context, run, row),
    earlierObjectBatches: earlier.reduce((sum, count) => sum + count, 0),
    cursor,
  };
}

/** What the last parse of the file skipped because the live worker delivered it. */
export function rayLive(context: RunContext, run: StartedRun, row: FileRow): RayLive | null {
  const frozen = run.spec.live ? frozenOf(context, row) : null;
  if (!run.spec.live || frozen === null) return null;
  const { batchSize, prefix } = run.spec.live;
  const counts = row.counts_json === null ? null : (JSON.parse(row.counts_json) as FileCounts);
  const skips = (counts?.live?.borders ?? "known") === "known";
  return { batchSize, prefix, markers: frozen.markers, skips };
}

export function rayDeliveries(context: RunContext, lines: RayLine[]): RayDeliveriesAnswer {
  context.memory.rayQuery.end();
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  return { ok: true, deliveries: lines.map((line) => deliveryOf(context, run, line)) };
}

function deliveryOf(context: RunContext, run: StartedRun, { file, place }: RayLine): RayDelivery {
  const nowhere = { batch: null, digest: null, line_in_batch: null, batches: [] };
  const row = context.store.files.get(file);
  const root = row && place && batchAt(context, row, place);
  if (!root) {
    if (row && row.first_batch === null)
      return {
        ...nowhere,
        ...judgeFile(row, run.spec.live !== undefined && frozenOf(context, row) === null),
      };
    const detail = place
      ? "the file's object gives another batch here than the run has"
      : "the search ended before the end of the line's batch";
    return { ...nowhere, verdict: "unknown", detail, deliveries: { certain: 0, possible: 0 } };
  }
  const rows = carriersOf(context, root, place.line);
  const carrier = rows.at(-1) ?? root;
  const carriers = rows.map((one) => ({ row: one, attempts: context.store.attempts.of(one.batch) }));
  return {
    ...judgeCarriers(carriers),
    batch: carrier.batch,
    digest: carrier.digest,
    line_in_batch: place.line - (carrier.is_part === 1 ? carrier.slice_from : 0) + 1,
    batches: batchViews(context, rows),
  };
}

/** The file's batch with these lines. While the file waits to be parsed again, its rows belong to another R2
 * object. In this case the digest finds the batch. */
function batchAt(
  context: RunContext,
  file: FileRow,
  { ordinal, digest }: { ordinal: number; digest: string },
): BatchRow | null {
  if (file.first_batch === null) return null;
  const row = ordinal < file.batch_count ? context.store.batches.get(file.first_batch + ordinal) : undefined;
  if (row?.digest === digest) return row;
  return allBatchesOf(context, file).find((one) => one.digest === digest && one.is_part === 0) ?? null;
}

/** `line` is counted from the first line of the batch's gzip member, from 0. */
function carriersOf(context: RunContext, root: BatchRow, line: number): BatchRow[] {
  const { batches } = context.store;
  if (root.reason_code === SAME_AS && root.same_as_batch !== null) {
    const older = batches.get(root.same_as_batch);
    return older ? [root, ...carriersOf(context, older, line)] : [root];
  }
  if (root.state !== "split") return [root];
  const holds = ({ slice_from, lines }: BatchRow): boolean => line >= slice_from && line < slice_from + lines;
  return [root, ...batches.partsOf(root.batch).filter(holds)];
}
