// Reads what every view shows of a range: its cells, their states, and how much of the range Coverage has listed.
// Never writes.
import {
  CELL_MS,
  type CellState,
  type CoverageDetail,
  type CoverageRange,
  type LiveSeen,
  type Span,
} from "../../../src/contract/coverage.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { SpanMs } from "../rules/cells.ts";
import { hoursOf } from "../rules/hours.ts";
import {
  cellRow,
  cellsIn,
  oldestOf,
  progressOf,
  type KnownHour,
  type Probe,
  type Progress,
} from "../rules/next-work.ts";
import type { CellRow } from "../rules/cells.ts";
import { statesOf } from "../rules/states.ts";
import { foreignKeys, readProbe, type Tools } from "../work/context.ts";
import { HOUR_MS } from "../../../src/contract/time-units.ts";

/** After this time a client should repeat its request while Coverage still lists R2. */
const RETRY_AFTER_MS = 1_000;

/** What coverage cannot know. Every answer about coverage contains these texts. */
export const LIMITS = [
  "absence before oldest_evidence means nothing: a lifecycle rule may have deleted the markers",
  "a marker whose write failed is missing although its lines arrived",
  "after an R2 error inside a file, the live worker's batches may be shifted by a record",
  "a file whose records were all unreadable has no marker",
  "the number of records of a file is not known here, so missing last batches show only by comparison with similar files",
  "two raw keys that differ only in special characters share their markers",
  "not yet seen on production R2: figures and marker names come from the local emulator",
];
const NO_LIVE =
  "no marker below LIVE_PREFIX: coverage shows raw files and replays only, and cannot say what was delivered live";

export interface LookedAt {
  /** The cells of the range, and their states. */
  row: CellRow;
  states: CellState[];
  progress: Progress;
  oldestMs: number | null;
  live: LiveSeen;
}

/** Reads what is known of `range`, which begins and ends on cell edges. */
export function lookAt(
  { store, settings, now }: Tools,
  range: CoverageRange,
  detail: CoverageDetail,
): LookedAt {
  const at = now();
  const hours = hoursOf(range);
  const [firstHour = 0, lastHour = firstHour] = [hours[0], hours.at(-1)];
  // One more hour on each side is read, because cells are compared with their neighbours.
  const around = new Map(store.hours(firstHour - 1, lastHour + 1).map((one) => [one.hour, one]));
  const probe = readProbe(store);
  const oldestMs = oldestOf(around, probe, at);
  const wide = cellRow(around, firstHour - 1, lastHour + 1);
  const all = statesOf(wide, { now: at, settleMs: settings.settleMs, oldestMs });
  const cut = (part: CoverageRange) => ({
    row: { startMs: part.startMs, cells: cellsIn(wide, wide.cells, part) },
    states: cellsIn(wide, all, part),
  });
  const whole = cut({ startMs: firstHour * HOUR_MS, endMs: (lastHour + 1) * HOUR_MS });
  const progress = progressOf({ firstHour, lastHour, detail }, around, whole.row, whole.states, probe, at);
  const rows = [...around.values()];
  return { ...cut(range), progress, oldestMs, live: liveOf(rows, probe, foreignKeys(store)) };
}

function liveOf(rows: readonly KnownHour[], probe: Probe | null, foreign: number): LiveSeen {
  const isMarked = rows.some(({ facts }) => facts?.cells.some(({ live }) => live > 0));
  const seen = isMarked || (probe?.seen ?? null);
  const orphans = rows.reduce((sum, { facts }) => sum + (facts?.orphans ?? 0), 0);
  return {
    seen,
    note: seen === false ? NO_LIVE : null,
    foreign_keys: {
      ...(foreign > 0 && { not_a_marker: foreign }),
      ...(orphans > 0 && { marker_without_raw_file: orphans }),
    },
  };
}

export function workOf({ asOf, complete }: Progress) {
  return { as_of: instant(asOf), complete, retry_after_ms: complete ? null : RETRY_AFTER_MS };
}

/** The smallest range on cell edges that contains the range, and at least its first instant. */
export function cellsAround({ startMs, endMs }: CoverageRange): CoverageRange {
  const end = Math.max(endMs, startMs + 1);
  return { startMs: Math.floor(startMs / CELL_MS) * CELL_MS, endMs: Math.ceil(end / CELL_MS) * CELL_MS };
}

export function spanOf([startMs, endMs]: SpanMs): Span {
  return { start: isoSecond(startMs), end: isoSecond(endMs) };
}

export function instant(ms: number | null): string | null {
  return ms === null ? null : isoSecond(ms);
}
