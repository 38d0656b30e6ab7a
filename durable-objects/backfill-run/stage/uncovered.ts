// Finds the parts of a run's window that have no raw file. The run keeps one bit for each minute, so that 70,000 files
// need not be read again. Does no I/O.
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { UncoveredView } from "../../../src/contract/views.ts";
import { CoveredMinutes, secondsOf } from "../../../src/listing/covered-minutes.ts";
import type { FoundFile } from "../../../src/listing/list-tasks.ts";
import type { StartedRun } from "../context/context.ts";

/** The most parts that the status lists. */
const SHOWN = 20;

/** The stored bits with the minutes of these files added. Null: no bit changes, or the run stores no bits. */
export function coveredBy({ row, spec }: StartedRun, found: readonly FoundFile[]): string | null {
  if (row.covered_minutes === null) return null;
  const covered = new CoveredMinutes(spec.parse, row.covered_minutes);
  const news = found.map(({ rangeStart, rangeEnd }) => covered.add({ startMs: rangeStart, endMs: rangeEnd }));
  return news.includes(true) ? covered.keep() : null;
}

export function uncoveredView({ row, spec, listing }: StartedRun): UncoveredView {
  // Before the first complete listing pass, a gap may only be a page that is not read yet.
  if (row.covered_minutes === null || listing.completeAsOf === null) {
    return { uncovered: null, uncovered_seconds: null };
  }
  const gaps = new CoveredMinutes(spec.parse, row.covered_minutes).gaps();
  const uncovered = gaps.slice(0, SHOWN).map(({ startMs, endMs }) => ({
    start: isoSecond(startMs),
    end: isoSecond(endMs),
  }));
  return { uncovered, uncovered_seconds: secondsOf(gaps) };
}

/** The text for the summary. Empty: every part of the window has a file, or this is not known. */
export function uncoveredWords(run: StartedRun): string {
  const { uncovered_seconds: seconds } = uncoveredView(run);
  if (seconds === null || seconds === 0) return "";
  const { startMs, endMs } = run.spec.parse;
  const minutes = Math.round(seconds / 60);
  return `; ${minutes} of ${Math.round((endMs - startMs) / 60_000)} minutes have no raw file`;
}
