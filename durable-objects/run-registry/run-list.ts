// GET /runs: a page of the runs' last progress reports, newest first. Reads, never writes.
import type { Page, Refused } from "../../src/contract/states.ts";
import { no } from "./admission.ts";
import type { CoveringRun, RunSummary, RunsQuery } from "../../src/contract/registry.ts";
import { readCursor, writeCursor } from "../../src/contract/run-cursor.ts";
import type { RunRow } from "./run-row.ts";
import type { RegistryStore } from "./store.ts";
import { summaryOf } from "./summary.ts";

export function listRuns(
  store: RegistryStore,
  query: RunsQuery,
  now: number,
): { ok: true; page: Page<RunSummary> } | Refused<"bad_cursor"> {
  const before = query.cursor === null ? null : readCursor(query.cursor);
  if (before === undefined) return no("bad_cursor", "the cursor was not issued by this API");
  // One more row than is shown is read, to know whether there is another page.
  const rows = store.page(before, query, query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const { holder } = store.slot();
  const page = {
    items: shown.map((row) => summaryOf(row, holder, now)),
    next_cursor: last && rows.length > shown.length ? writeCursor(last) : null,
  };
  return { ok: true, page };
}

/** Runs whose window shares an instant with the range, newest first. */
export function coveringRuns(store: RegistryStore, startMs: number, endMs: number): CoveringRun[] {
  return store.covering(startMs, endMs).map(coveringRun);
}

function coveringRun(row: RunRow): CoveringRun {
  const { startMs, endMs } = row.spec.parse;
  const isDry = row.spec.dryRun === true;
  const isAborted = row.stage === "aborting" || row.stage === "aborted";
  return {
    runId: row.runId,
    startMs,
    endMs,
    stage: row.stage,
    delivered: row.deliveredAt !== null && !isDry,
    dryRun: isDry,
    sends: !isDry && !isAborted && (row.sentSomething || !row.finished),
  };
}
