// Makes the figures of an hour's twelve cells from the hour's files. The figures do not depend on the time. states.ts
// turns them into letters when a request comes. Does no I/O.
import { CELL_MS, CELLS_PER_HOUR } from "../../../src/contract/coverage.ts";
import { countOf } from "../../../src/contract/live.ts";
import { overlaps, verdictsOf, type CoveredFile, type Verdict } from "./covered-files.ts";
import { cellIn, hourOf } from "./hours.ts";
import { HOUR_MS } from "../../../src/contract/time-units.ts";

const SECOND_MS = 1_000;

/** [startMs, endMs) */
export type SpanMs = [startMs: number, endMs: number];

export interface CellFacts {
  /** How many raw files start in the cell. */
  files: number;
  bytes: number;
  /** How many of the files that start in the cell have a marker. */
  live: number;
  /** How many batches of the live worker of these files were accepted. Null: the markers of no file were counted. */
  done: number | null;
  waiting: number | null;
  lastDoneAt: number | null;
  /** How many files share an instant with the cell, by verdict. */
  verdicts: Partial<Record<Verdict, number>>;
  /** How many of the files that start in the cell are not wholly delivered. */
  openFiles: number;
  openBytes: number;
  /** The span of all files that share an instant with the cell, and of which the live worker did not deliver every
   * batch. */
  open: SpanMs | null;
  /** The span of those files of `open` that have no marker at all. In other files, a waiting batch may still be
   * delivered. */
  untouched: SpanMs | null;
  /** When the oldest file without all of its markers was uploaded, in epoch ms. */
  missingSince: number | null;
  waitingSince: number | null;
}

export interface HourFacts {
  cells: CellFacts[];
  /** Start of the oldest file with a marker. */
  oldestMarked: number | null;
  /** How many safe keys have markers but no raw file. */
  orphans: number;
}

export function emptyCell(): CellFacts {
  return {
    files: 0, bytes: 0, live: 0, done: null, waiting: null, lastDoneAt: null, verdicts: {}, openFiles: 0, openBytes: 0,
    open: null, untouched: null, missingSince: null, waitingSince: null,
  }; // prettier-ignore
}

/** The figures of an hour. `files` are all files that share an instant with the hour, in the order of
 * `byStart`. */
export function factsOf(hour: number, files: readonly CoveredFile[], orphans: number): HourFacts {
  const cells = Array.from({ length: CELLS_PER_HOUR }, emptyCell);
  const verdicts = verdictsOf(files);
  let oldestMarked: number | null = null;
  for (const [n, file] of files.entries()) {
    const verdict = verdicts[n] ?? "unknown";
    if (hasMarker(verdict)) oldestMarked = Math.min(oldestMarked ?? Infinity, file.startMs);
    const startsAt = hourOf(file.startMs) === hour ? cellIn(hour, file.startMs) : null;
    const from = cellIn(hour, file.startMs);
    const to = cellIn(hour, Math.max(file.endMs - 1, file.startMs));
    for (let at = from; at <= to; at += 1) {
      const cell = cells[at];
      if (cell && overlaps(file, cellStart(hour, at), cellStart(hour, at + 1))) {
        see(cell, file, verdict);
        if (at === startsAt) count(cell, file, verdict);
      }
    }
  }
  return { cells, oldestMarked, orphans };
}

function cellStart(hour: number, cell: number): number {
  return hour * HOUR_MS + cell * CELL_MS;
}

function hasMarker(verdict: Verdict): boolean {
  return verdict !== "unknown" && verdict !== "none";
}

export function isOpen(verdict: Verdict): boolean {
  return verdict === "none" || verdict === "part" || verdict === "wait";
}

function see(cell: CellFacts, file: CoveredFile, verdict: Verdict): void {
  cell.verdicts[verdict] = (cell.verdicts[verdict] ?? 0) + 1;
  if (!isOpen(verdict)) return;
  cell.open = widened(cell.open, file);
  if (verdict === "none") cell.untouched = widened(cell.untouched, file);
  if (verdict === "wait") {
    const since = typeof file.marks === "object" ? file.marks.waitingSince : null;
    if (since !== null) cell.waitingSince = Math.min(cell.waitingSince ?? Infinity, since);
  } else cell.missingSince = Math.min(cell.missingSince ?? Infinity, file.uploadedAt);
}

function count(cell: CellFacts, { size, marks }: CoveredFile, verdict: Verdict): void {
  cell.files += 1;
  cell.bytes += size;
  if (hasMarker(verdict)) cell.live += 1;
  if (isOpen(verdict)) {
    cell.openFiles += 1;
    cell.openBytes += size;
  }
  if (typeof marks === "string") return;
  cell.done = (cell.done ?? 0) + countOf(marks.done);
  cell.waiting = (cell.waiting ?? 0) + countOf(marks.waiting);
  if (marks.lastDoneAt !== null) cell.lastDoneAt = Math.max(cell.lastDoneAt ?? 0, marks.lastDoneAt);
}

/** A file whose name has the same second twice holds records of this second. So its span is the whole second. */
function widened(span: SpanMs | null, { startMs, endMs }: CoveredFile): SpanMs {
  const end = Math.max(endMs, startMs + SECOND_MS);
  return span === null ? [startMs, end] : [Math.min(span[0], startMs), Math.max(span[1], end)];
}

/** A cell in the short form of the rows. Null: the cell has no files. */
type PackedCell =
  null | [number, number, number, number | null, number | null, number | null, Partial<Record<Verdict, number>>, number, number, SpanMs | null, SpanMs | null, number | null, number | null]; // prettier-ignore
type PackedFacts = [cells: PackedCell[], oldestMarked: number | null, orphans: number];

export function packFacts({ cells, oldestMarked, orphans }: HourFacts): string {
  const packed = cells.map((cell): PackedCell => {
    if (Object.keys(cell.verdicts).length === 0) return null;
    const { files, bytes, live, done, waiting, lastDoneAt, verdicts, openFiles, openBytes } = cell;
    const { open, untouched, missingSince, waitingSince } = cell;
    return [files, bytes, live, done, waiting, lastDoneAt, verdicts, openFiles, openBytes, open, untouched, missingSince, waitingSince]; // prettier-ignore
  });
  return JSON.stringify([packed, oldestMarked, orphans]);
}

export function unpackFacts(text: string): HourFacts {
  const [packed, oldestMarked, orphans] = JSON.parse(text) as PackedFacts;
  const cells = packed.map((cell): CellFacts => {
    if (cell === null) return emptyCell();
    const [files, bytes, live, done, waiting, lastDoneAt, verdicts, openFiles, openBytes, ...times] = cell;
    const [open, untouched, missingSince, waitingSince] = times;
    return {
      files, bytes, live, done, waiting, lastDoneAt, verdicts, openFiles, openBytes, open, untouched, missingSince, waitingSince,
    }; // prettier-ignore
  });
  return { cells, oldestMarked, orphans };
}

/** Adjoining cells from `startMs` on. A cell is null when its hour was not listed. */
export interface CellRow {
  startMs: number;
  cells: readonly (CellFacts | null)[];
}
