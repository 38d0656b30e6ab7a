// Reads the plan of a dry run, for a run with from_plan, and finds the files for sample lines. Never writes.
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import type { PlannedAnswer, SampleSourceAnswer } from "../../../src/contract/run.ts";
import { started, type RunContext } from "../context/context.ts";
import { planOf } from "../context/plan-state.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import { parseSpecOf } from "../files/file-choices.ts";
import { rayLive } from "./rays.ts";
import { overlapsWindow, type FileRow } from "../ledger/file-rows.ts";

/** The most planned R2 objects of one page. Each takes about 250 bytes. */
const PLANNED_PER_PAGE = 1_000;
/** How many rows are searched for files with kept lines. A sample reads some of these files. */
const FILES_LOOKED_AT = 500;
const SAMPLED_FILES = 5;

export function planned(context: RunContext, after: string | null): PlannedAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  if (!run.spec.dryRun) return { ok: false, code: "not_dry", detail: "it is no dry run" };
  const state = planOf(run.row);
  if (run.row.stage !== "counted" || state?.kind !== "counted") {
    return { ok: false, code: "not_counted", detail: `it is ${run.row.stage}, and its plan is not complete` };
  }
  const files = after === null ? [] : context.store.planned.page(after, PLANNED_PER_PAGE);
  const next = files.length < PLANNED_PER_PAGE ? null : (files.at(-1)?.key ?? null);
  const { marginMs: lateMarginMs, lookbackMs } = run.listing;
  const live = context.store.live.ofKeys(files.map(({ key }) => key));
  return { ok: true, hash: state.hash, lateMarginMs, lookbackMs, files, live, next };
}

/** The files for a sample. Files that are known to have lines come first. Files that are not parsed yet follow. */
export function sampleSource(context: RunContext): SampleSourceAnswer {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { parse } = run.spec;
  const rows = context.store.files.page([], 0, FILES_LOOKED_AT).filter((file) => file.duplicate_of === null);
  const unread = rows.filter((file) => file.counts_json === null && overlapsWindow(file, parse));
  const chosen = [...rows.filter(hasLines), ...unread].slice(0, SAMPLED_FILES);
  const files = chosen.map((file) => ({
    file: file.file,
    key: file.key,
    etag: file.etag,
    parse: parseSpecOf(context, file, parse),
    live: rayLive(context, run, file),
  }));
  return { ok: true, files };
}

function hasLines(file: FileRow): boolean {
  return file.counts_json !== null && (JSON.parse(file.counts_json) as FileCounts).kept > 0;
}
