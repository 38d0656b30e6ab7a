// Decides which parts of the last day are proposed for a replay. Does no I/O. See docs/decisions/0032.
import { CELL_MS, type CellState } from "../../../src/contract/coverage.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { SpanMs } from "../rules/cells.ts";
import { isHole, type HoleMs } from "../rules/holes.ts";

/** Logpush puts a record into a file by the time at which it processes the record. So the first records of a file
 * began before its time range. See docs/decisions/0055. */
const LEAD_MS = 60_000;

/** What Coverage sees of a range. */
export interface Seen {
  /** When the first cell starts, in epoch ms. */
  startMs: number;
  states: readonly CellState[];
  holes: readonly Pick<HoleMs, "startMs" | "endMs" | "outer">[];
  /** Files of the holes that have a waiting batch of the live worker, or whose markers were not counted. */
  unsure: readonly SpanMs[];
}

/** The parts of holes that may be replayed now. Each cell of a part is undelivered or only partly delivered, and ended
 * at least `afterMs` ago. Cells that overlap a span of `unsure` are left out. A part that is shorter than its hole is
 * cut at the edge of a cell. No two parts overlap. All edges are whole seconds. */
export function candidatesOf(seen: Seen, now: number, afterMs: number): SpanMs[] {
  const isReady = (n: number): boolean => {
    const [from, to] = [seen.startMs + n * CELL_MS, seen.startMs + (n + 1) * CELL_MS];
    const state = seen.states[n];
    if (!isHole(state) || state === "w" || to > now - afterMs) return false;
    return !seen.unsure.some((span) => meets(span, [from, to]));
  };
  const spans: SpanMs[] = [];
  for (let n = 0; n < seen.states.length; n += 1) {
    if (!isReady(n)) continue;
    const first = n;
    while (isReady(n + 1)) n += 1;
    const cells: SpanMs = [seen.startMs + first * CELL_MS, seen.startMs + (n + 1) * CELL_MS];
    // The files of one hole may reach into the cells of another hole. So only the hole of these cells counts.
    const hole = seen.holes.find(({ startMs, endMs }) => startMs <= cells[0] && cells[1] <= endMs);
    if (!hole) continue;
    const { outer } = hole;
    const [from, to] = [Math.max(outer[0], cells[0]), Math.min(outer[1], cells[1])];
    if (from < to) spans.push([Math.floor(from / 1_000) * 1_000, Math.ceil(to / 1_000) * 1_000]);
  }
  return spans;
}

/** The parts of `spans` that no span of `taken` contains. */
export function without(spans: readonly SpanMs[], taken: readonly SpanMs[]): SpanMs[] {
  return taken.reduce<SpanMs[]>(
    (left, [from, to]) =>
      left.flatMap((span): SpanMs[] => {
        if (!meets(span, [from, to])) return [span];
        const pieces: SpanMs[] = [
          [span[0], from],
          [to, span[1]],
        ];
        return pieces.filter(([start, end]) => start < end);
      }),
    [...spans],
  );
}

/** When the window of a part begins: LEAD_MS before the part, or at the end of the last span of `taken` in this time.
 * `taken`: what may not be sent, or what other windows send. A whole second. */
export function windowStart([startMs]: SpanMs, taken: readonly SpanMs[]): number {
  const lead = without([[startMs - LEAD_MS, startMs]], taken).at(-1);
  return lead?.[1] === startMs ? Math.ceil(lead[0] / 1_000) * 1_000 : startMs;
}

export function textOf([startMs, endMs]: SpanMs): { start: string; end: string } {
  return { start: isoSecond(startMs), end: isoSecond(endMs) };
}

export function meets(one: SpanMs, other: SpanMs): boolean {
  return one[0] < other[1] && other[0] < one[1];
}
