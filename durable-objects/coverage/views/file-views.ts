// Shows the files of a range, for GET /coverage/files and, page by page, for other Durable Objects.
import type {
  CoverageDetail,
  CoverageFile,
  CoverageFilesView,
  CoverageRange,
  CoverageWindow,
  WindowFile,
} from "../../../src/contract/coverage.ts";
import { countOf, type IndexRanges } from "../../../src/contract/live.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import { byStart, overlaps, verdictsOf, type CoveredFile, type Verdict } from "../rules/covered-files.ts";
import { missingRanges } from "../rules/evidence.ts";
import { hourOf, hoursOf } from "../rules/hours.ts";
import type { Tools } from "../work/context.ts";
import { LIMITS, cellsAround, instant, lookAt, spanOf, workOf } from "./look-at.ts";
import { columnsOf } from "./range-view.ts";

/** The most files of one answer, about 3 MB. */
const MOST_FILES = 10_000;
/** The most files of one page. */
const FILES_A_PAGE = 5_000;
const MOST_MISSING = 100;

interface Judged {
  file: CoveredFile;
  verdict: Verdict;
}

export function filesOf(tools: Tools, range: CoverageRange): CoverageFilesView {
  const { progress, live } = lookAt(tools, cellsAround(range), "exact");
  const all = [...judgedFiles(tools, range)].sort((a, b) => byStart(a.file, b.file));
  return {
    start: isoSecond(range.startMs),
    end: isoSecond(range.endMs),
    ...workOf(progress),
    live,
    files: all.slice(0, MOST_FILES).map(shownFile),
    files_left_off: Math.max(0, all.length - MOST_FILES),
    limits: LIMITS,
  };
}

export function windowOf(
  tools: Tools,
  range: CoverageRange,
  detail: CoverageDetail,
  after: string | null,
): CoverageWindow {
  const looked = lookAt(tools, cellsAround(range), detail);
  const { states, progress, oldestMs, live } = looked;
  const page: WindowFile[] = [];
  // A file that touches several hours is shown in its first hour of the range.
  for (const hour of hoursOf(range)) {
    if (page.length > FILES_A_PAGE) break;
    const inHour = [...judgedIn(tools, range, hour)].filter(({ file }) => isFirstHour(file, range, hour));
    for (const { file, verdict } of inHour)
      if (after === null || positionOf(hour, file) > after) page.push(pageFile(file, verdict));
  }
  const shown = page.slice(0, FILES_A_PAGE);
  const last = shown.at(-1);
  return {
    ...workOf(progress),
    oldest_evidence: instant(oldestMs),
    live_seen: live.seen,
    states: states.join(""),
    columns: columnsOf(looked, tools.settings.settleMs),
    files: shown,
    next: page.length > FILES_A_PAGE && last ? positionOf(firstHourOf(last, range), last) : null,
  };
}

/** The cursor of a file: a text that sorts first by the hour, then in the order of `byStart`. */
function positionOf(hour: number, { startMs, key }: Pick<CoveredFile, "startMs" | "key">): string {
  return [hour, startMs].map((n) => String(n).padStart(15, "0")).join(" ") + ` ${key}`;
}

function firstHourOf({ startMs }: Pick<CoveredFile, "startMs">, range: CoverageRange): number {
  return hourOf(Math.max(startMs, range.startMs));
}

function isFirstHour(file: CoveredFile, range: CoverageRange, hour: number): boolean {
  return firstHourOf(file, range) === hour;
}

/** Files that overlap the range, once each. */
function judgedFiles(tools: Tools, range: CoverageRange): Judged[] {
  return hoursOf(range).flatMap((hour) =>
    judgedIn(tools, range, hour).filter(({ file }) => isFirstHour(file, range, hour)),
  );
}

/** Files of one hour that overlap the range, in the order of `byStart`. */
function judgedIn({ store }: Tools, range: CoverageRange, hour: number): Judged[] {
  const files = store.files(hour);
  const verdicts = verdictsOf(files);
  return files
    .map((file, n) => ({ file, verdict: verdicts[n] ?? "unknown" }))
    .filter(({ file }) => overlaps(file, range.startMs, Math.max(range.endMs, range.startMs + 1)));
}

const STATES: Record<Verdict, CoverageFile["state"]> = {
  unknown: "unknown",
  none: "not_delivered",
  some: "marked",
  part: "partly",
  wait: "waiting",
  full: "delivered",
};

function pageFile(
  { key, size, startMs, endMs, uploadedAt, marks }: CoveredFile,
  verdict: Verdict,
): WindowFile {
  const { done, waiting } = typeof marks === "object" ? marks : { done: null, waiting: null };
  return { key, size, startMs, endMs, uploadedAt, state: STATES[verdict], done, waiting };
}

function shownFile({ file, verdict }: Judged): CoverageFile {
  const { key, size, uploadedAt, startMs, endMs, marks } = file;
  const shown = {
    key,
    ...spanOf([startMs, endMs]),
    size,
    uploaded: isoSecond(uploadedAt),
    state: STATES[verdict],
  };
  if (typeof marks === "object") {
    return {
      ...shown,
      done: countOf(marks.done),
      waiting: countOf(marks.waiting),
      missing: firstOf(missingRanges(marks), MOST_MISSING),
      first_done_at: instant(marks.firstDoneAt),
      last_done_at: instant(marks.lastDoneAt),
    };
  }
  const times = { first_done_at: null, last_done_at: null };
  return marks === "none"
    ? { ...shown, done: 0, waiting: 0, missing: [], ...times }
    : { ...shown, done: null, waiting: null, missing: null, ...times };
}

/** The first `most` indexes. A range may contain a billion indexes, so they are never all written out. */
function firstOf(ranges: IndexRanges, most: number): number[] {
  const indexes: number[] = [];
  for (const [first, last] of ranges) {
    for (let index = first; index <= last && indexes.length < most; index += 1) indexes.push(index);
  }
  return indexes;
}
