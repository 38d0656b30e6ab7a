// The ranges of coverage that the page requests. Does no I/O.

/** The length of a coverage cell: five minutes. */
export const CELL_MS_OF_PAGE = 300_000;
const DAY_MS = 86_400_000;

/** The 24 hours before an instant. Both ends are edges of cells. */
export function dayBefore(now: number): { start: string; end: string } {
  const end = Math.floor(now / CELL_MS_OF_PAGE) * CELL_MS_OF_PAGE;
  return { start: isoInstant(end - DAY_MS), end: isoInstant(end) };
}

/** Adjoining cells with the same state. */
export interface CellRun {
  letter: string;
  /** The index of the first cell. */
  from: number;
  cells: number;
}

export function cellRuns(states: string): CellRun[] {
  const runs: CellRun[] = [];
  for (const [from, letter] of Array.from(states).entries()) {
    const last = runs.at(-1);
    if (last?.letter === letter) last.cells++;
    else runs.push({ letter, from, cells: 1 });
  }
  return runs;
}

/** How many cells have each letter, the most frequent first. */
export function cellCounts(states: string): [letter: string, cells: number][] {
  const counts = new Map<string, number>();
  for (const letter of states) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one);
}

/** Writes an instant in whole seconds, because the API accepts no fractions. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
