// Decides what Coverage lists next: which hours are due, and the markers of which files are not counted. Does no I/O.
//
// First come the raw files of hours that were never listed, newest hours first. Second: whether the files of these
// hours have markers. Third: hours whose counts are outdated. Last: the number of markers, for files next to holes
// or for all files.
import {
  CELL_MS,
  CELLS_PER_HOUR,
  type CellState,
  type CoverageDetail,
  type CoverageRange,
} from "../../../src/contract/coverage.ts";
import type { CellFacts, CellRow, HourFacts } from "./cells.ts";
import { overlaps, type CoveredFile } from "./covered-files.ts";
import { YOUNG_FRESH_MS, newestRun, staleness } from "./hours.ts";
import { countedCells, isUncounted, statesOf, type Moment } from "./states.ts";
import type { Mode } from "./marker-lists.ts";
import { HOUR_MS } from "../../../src/contract/time-units.ts";

export interface KnownHour {
  hour: number;
  rawAt: number | null;
  dueAt: number;
  unknown: number;
  facts: HourFacts | null;
  factsAt: number | null;
}
export type KnownHours = ReadonlyMap<number, KnownHour>;

/** What the first markers of the bucket show. */
export interface Probe {
  at: number;
  seen: boolean;
  /** Start of the oldest raw file of these markers. */
  oldestMs: number | null;
}

export interface Wanted {
  firstHour: number;
  lastHour: number;
  detail: CoverageDetail;
}

/** An hour, and the cells whose files are wanted. Bit n stands for cell n. */
export interface WantedHour {
  hour: number;
  cells: number;
}

export type NextWork =
  | { do: "probe" }
  /** Ascending, without gaps. */
  | { do: "raw"; hours: number[] }
  /** Ascending. */
  | { do: "mark"; mode: Mode; hours: WantedHour[] };

const ALL_CELLS = 2 ** CELLS_PER_HOUR - 1;
/** The most hours of one listing pass: the hours of the longest range, and the hours that it touches at its
 * ends. */
const MOST_HOURS = 170;
/** The most files of one work "mark". Their rows are read one hour at a time, so this number bounds only the delay
 * before the first result. */
const MOST_FILES: Record<Mode, number> = { presence: 100_000, exact: 25_000 };
/** For how long the oldest marker of an hour counts as present after its listing. A marker may expire later. */
const EVIDENCE_MS = HOUR_MS;

export function nextWork(
  ranges: readonly Wanted[],
  hours: KnownHours,
  probe: Probe | null,
  now: number,
  settleMs: number,
): NextWork | null {
  if (ranges.length === 0) return null;
  if (isProbeDue(probe, now)) return { do: "probe" };
  const wanted = new Set(ranges.flatMap(({ firstHour, lastHour }) => from(firstHour, lastHour)));
  const byStaleness = Map.groupBy(wanted, (hour) => staleness(hour, rowOf(hours, hour), now));
  const raw = (kind: "due" | "aged"): NextWork | null => {
    const run = newestRun(byStaleness.get(kind) ?? [], MOST_HOURS);
    return run.length > 0 ? { do: "raw", hours: run } : null;
  };
  return (
    raw("due") ??
    unmarked(wanted, hours) ??
    raw("aged") ??
    uncounted(ranges, hours, { now, settleMs, oldestMs: oldestOf(hours, probe, now) })
  );
}

function isProbeDue(probe: Probe | null, now: number): boolean {
  return probe === null || now - probe.at >= YOUNG_FRESH_MS || probe.at > now;
}

export function rowOf(hours: KnownHours, hour: number): KnownHour {
  return hours.get(hour) ?? { hour, rawAt: null, dueAt: 0, unknown: 0, facts: null, factsAt: null };
}

export function from(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
}

function unmarked(wanted: ReadonlySet<number>, hours: KnownHours): NextWork | null {
  const some = [...wanted].map((hour) => rowOf(hours, hour)).filter(({ unknown }) => unknown > 0);
  return mark(
    "presence",
    some.map(({ hour, unknown }) => ({ hour, cells: ALL_CELLS, files: unknown })),
  );
}

function uncounted(ranges: readonly Wanted[], hours: KnownHours, moment: Moment): NextWork | null {
  const masks = new Map<number, { cells: number; files: number }>();
  for (const { firstHour, lastHour, detail } of ranges) {
    const row = cellRow(hours, firstHour, lastHour);
    const counted = countedCells(row, statesOf(row, moment), detail === "exact");
    for (const [n, cell] of row.cells.entries()) {
      if (!counted[n] || !cell || !isUncounted(cell)) continue;
      const hour = firstHour + Math.floor(n / CELLS_PER_HOUR);
      const known = masks.get(hour) ?? { cells: 0, files: 0 };
      const files = known.files + (cell.verdicts.some ?? 0);
      masks.set(hour, { cells: known.cells | (1 << (n % CELLS_PER_HOUR)), files });
    }
  }
  return mark(
    "exact",
    [...masks].map(([hour, mask]) => ({ hour, ...mask })),
  );
}

/** The work on the newest hours. The hour that reaches the bound of files is the last of them. */
function mark(mode: Mode, some: (WantedHour & { files: number })[]): NextWork | null {
  let files = 0;
  const hours: WantedHour[] = [];
  for (const one of some.sort((a, b) => b.hour - a.hour)) {
    if (files >= MOST_FILES[mode]) break;
    files += one.files;
    hours.push({ hour: one.hour, cells: one.cells });
  }
  return hours.length > 0 ? { do: "mark", mode, hours: hours.toReversed() } : null;
}

/** The cells from `firstHour` to `lastHour` (both included). A cell is null while its hour has no counts. */
export function cellRow(hours: KnownHours, firstHour: number, lastHour: number): CellRow {
  const none: (CellFacts | null)[] = Array.from({ length: CELLS_PER_HOUR }, () => null);
  const cells = from(firstHour, lastHour).flatMap((hour) => hours.get(hour)?.facts?.cells ?? none);
  return { startMs: firstHour * HOUR_MS, cells };
}

/** The cells of a row that lie in the range. */
export function cellsIn<T>(row: Pick<CellRow, "startMs">, cells: readonly T[], range: CoverageRange): T[] {
  const at = (ms: number): number => Math.max(0, (ms - row.startMs) / CELL_MS);
  return cells.slice(at(range.startMs), at(range.endMs));
}

/** Start of the oldest raw file with a marker that was seen. */
export function oldestOf(hours: KnownHours, probe: Probe | null, now: number): number | null {
  const oldest = [...hours.values()]
    .filter(({ factsAt }) => factsAt !== null && factsAt > now - EVIDENCE_MS)
    .map(({ facts }) => facts?.oldestMarked ?? null);
  return [probe?.oldestMs ?? null, ...oldest].reduce(
    (a, b) => (a === null || (b !== null && b < a) ? b : a),
    null,
  );
}

/** Whether a list in this mode must include the markers of the file. */
export function needsMarkers(mode: Mode, { hour, cells }: WantedHour, file: CoveredFile): boolean {
  if (mode === "presence") return file.marks === "unknown";
  if (file.marks !== "some") return false;
  for (let cell = 0; cell < CELLS_PER_HOUR; cell += 1) {
    const startMs = hour * HOUR_MS + cell * CELL_MS;
    if ((cells & (1 << cell)) !== 0 && overlaps(file, startMs, startMs + CELL_MS)) return true;
  }
  return false;
}

export interface Progress {
  raw: [done: number, wanted: number];
  presence: [done: number, wanted: number];
  exact: [done: number, wanted: number];
  complete: boolean;
  /** When the oldest of the shown counts was listed. */
  asOf: number | null;
}

/** How much of a range Coverage has listed. `row` and `states` cover the whole hours from `firstHour` to
 * `lastHour`. */
export function progressOf(
  { firstHour, lastHour, detail }: Wanted,
  hours: KnownHours,
  row: CellRow,
  states: readonly CellState[],
  probe: Probe | null,
  now: number,
): Progress {
  const rows = from(firstHour, lastHour).map((hour) => rowOf(hours, hour));
  const listed = rows.filter((one) => staleness(one.hour, one, now) === null);
  const marked = listed.filter(({ unknown, factsAt, rawAt }) => unknown === 0 && factsAt === rawAt);
  const counted = countedCells(row, states, detail === "exact");
  const wanted = rows.filter(
    (one, n) =>
      detail === "exact" ||
      one.facts?.cells.some((cell, at) => counted[n * CELLS_PER_HOUR + at] && hasMarkers(cell)),
  );
  const isCounted = ({ hour, facts }: KnownHour): boolean => {
    const first = (hour - firstHour) * CELLS_PER_HOUR;
    return !!facts && !facts.cells.some((cell, at) => counted[first + at] && isUncounted(cell));
  };
  const exact: Progress["exact"] = [wanted.filter(isCounted).length, wanted.length];
  const shownAt = rows.map(({ factsAt }) => factsAt).filter((at) => at !== null);
  return {
    raw: [listed.length, rows.length],
    presence: [marked.length, rows.length],
    exact,
    complete: marked.length === rows.length && exact[0] === exact[1] && probe !== null,
    asOf: shownAt.length > 0 ? Math.min(...shownAt) : null,
  };
}

function hasMarkers({ verdicts }: CellFacts): boolean {
  return (verdicts.some ?? 0) + (verdicts.part ?? 0) + (verdicts.wait ?? 0) + (verdicts.full ?? 0) > 0;
}
