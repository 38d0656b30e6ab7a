// Reads what is known of a window before a run: its raw files, and what the live worker delivered of them. A window
// of up to an hour is listed at once. For a longer window, the facts come from Coverage.
import { CELL_MS, type CoverageFile, type CoverageWindow } from "../../contract/coverage.ts";
import type { WantedRun } from "../../contract/registry.ts";
import { CoveredMinutes, type TimeRange } from "../../listing/covered-minutes.ts";
import { listPages, patientLists } from "../../listing/list-pages.ts";
import { listWindow } from "../../listing/list-window.ts";
import type { FoundFile } from "../../listing/list-tasks.ts";
import { coverageObject } from "../../platform/objects.ts";
import { errorText } from "../../platform/log.ts";
import type { Context } from "../context.ts";

/** The longest window that a plan lists within its request. */
export const LISTED_MS = 3_600_000;
/** The most pages of one listing. An hour of a day with 50,000 files takes about 60 pages. */
const MAX_PAGES = 150;
const MAX_LIST_MS = 1_500;

export interface RawFacts {
  isComplete: boolean;
  files: number;
  bytes: number;
  /** The earliest and latest time in the names of the files. Null: there is no file, or the names are not
   * known. */
  span: TimeRange | null;
  gaps: TimeRange[];
  /** Files after the window, within the late margin. Null: the window is too long to list. */
  marginFiles: number | null;
  /** How many pages a listing of the window takes. */
  lists: number;
  /** Null: the window is too long to list. */
  listed: FoundFile[] | null;
}

export async function listedFacts(wanted: WantedRun, { env }: Context): Promise<RawFacts> {
  const { parse, logPrefix, livePrefix, folders, singleStampSpanMs, lateMarginMs, lookbackMs } = wanted;
  const { startMs, endMs } = parse;
  const spec = { startMs, endMs, logPrefix, ...(livePrefix && { livePrefix }), folders, singleStampSpanMs };
  const list = listPages(patientLists(env.LOGS, () => Date.now()));
  const bounds = { maxPages: MAX_PAGES, until: Date.now() + MAX_LIST_MS, now: () => Date.now() };
  const limits = { marginMs: lateMarginMs, lookbackMs };
  const { files, pages, isComplete } = await listWindow(spec, limits, list, bounds);
  const covered = new CoveredMinutes(parse);
  for (const { rangeStart, rangeEnd } of files) covered.add({ startMs: rangeStart, endMs: rangeEnd });
  const inWindow = files.filter(
    ({ rangeStart, rangeEnd }) =>
      rangeEnd >= startMs && (parse.endExclusive ? rangeStart < endMs : rangeStart <= endMs),
  );
  return {
    isComplete,
    files: inWindow.length,
    bytes: inWindow.reduce((sum, { size }) => sum + size, 0),
    span:
      inWindow.length === 0
        ? null
        : {
            startMs: inWindow.reduce((min, file) => Math.min(min, file.rangeStart), Number.MAX_SAFE_INTEGER),
            endMs: inWindow.reduce((max, file) => Math.max(max, file.rangeEnd), 0),
          },
    // After an incomplete listing no gap is shown, because the missing files may be on a page that was not read.
    gaps: isComplete ? covered.gaps() : [],
    marginFiles: files.length - inWindow.length,
    lists: pages,
    listed: inWindow,
  };
}

/** The facts from the cells that Coverage has listed. */
export function coveredFacts(startMs: number, coverage: CoverageWindow | null): RawFacts {
  const { raw_files: counts = [], raw_bytes: bytes = [] } = coverage?.columns ?? {};
  const gaps: TimeRange[] = [];
  const first = Math.floor(startMs / CELL_MS) * CELL_MS;
  for (const [cell, count] of counts.entries()) {
    if (count !== 0) continue;
    const cellStart = first + cell * CELL_MS;
    const last = gaps.at(-1);
    if (last?.endMs === cellStart) last.endMs += CELL_MS;
    else gaps.push({ startMs: cellStart, endMs: cellStart + CELL_MS });
  }
  const files = sumOf(counts);
  return {
    isComplete: coverage?.complete ?? false,
    files,
    bytes: sumOf(bytes),
    span: null,
    gaps,
    marginFiles: null,
    // A page has 1,000 keys. Each day costs one more page.
    lists: Math.ceil(files / 1_000) + Math.ceil((counts.length * CELL_MS) / 86_400_000),
    listed: null,
  };
}

/** The answer of Coverage. Null: Coverage did not answer, and the plan is made without it. */
export async function coverageOf(wanted: WantedRun, { env, log }: Context): Promise<CoverageWindow | null> {
  const { startMs, endMs } = wanted.parse;
  const range = {
    startMs: Math.floor(startMs / CELL_MS) * CELL_MS,
    endMs: Math.max(Math.ceil(endMs / CELL_MS), Math.floor(startMs / CELL_MS) + 1) * CELL_MS,
  };
  const detail = endMs - startMs <= LISTED_MS ? "exact" : "presence";
  try {
    return await coverageObject(env).window(range, detail, null);
  } catch (error) {
    log("warn", "http.plan_without_coverage", { error: errorText(error) });
    return null;
  }
}

export type LiveState = CoverageFile["state"];

/** Counts files by what the live worker delivered of them. Null: Coverage did not answer, or the window is too
 * long to list. */
export function liveFiles(raw: RawFacts, coverage: CoverageWindow | null): Record<LiveState, number> | null {
  if (raw.listed === null || coverage === null) return null;
  const states = liveStates(coverage);
  const counts = { delivered: 0, partly: 0, not_delivered: 0, waiting: 0, marked: 0, unknown: 0 };
  for (const { key } of raw.listed) counts[states.get(key) ?? "unknown"] += 1;
  return counts;
}

export function liveStates(coverage: CoverageWindow | null): Map<string, LiveState> {
  return new Map(coverage?.files.map(({ key, state }) => [key, state]));
}

/** The files from which a run that skips delivered lines sends something. A wholly delivered file gives no line. Without a
 * list of files, all files count. */
export function owedFacts(raw: RawFacts, states: ReadonlyMap<string, LiveState>): RawFacts {
  if (raw.listed === null) return raw;
  const owed = raw.listed.filter(({ key }) => states.get(key) !== "delivered");
  return { ...raw, files: owed.length, bytes: owed.reduce((sum, { size }) => sum + size, 0) };
}

export function sumOf(values: readonly (number | null)[]): number {
  return values.reduce((sum: number, value) => sum + (value ?? 0), 0);
}
