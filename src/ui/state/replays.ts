// Finds out which holes were replayed, and by which runs. Coverage still shows a replayed hole, because the live
// worker did not deliver it. Does no I/O.
import type { CoverageAnswer, CoverageHole } from "../../contract/api/api-types.ts";
import type { Stage } from "../../contract/states.ts";
import { CELL_MS_OF_PAGE } from "./coverage-range.ts";

type Runs = CoverageAnswer["runs"];

/** The page's own letter for a cell that the live worker did not deliver, and that a run replayed. */
export const REPLAYED = "r";

/** A run in one of these stages sends nothing any more. */
const ENDED: ReadonlySet<Stage> = new Set(["sent_waiting_cleanup", "cleaned", "aborted", "counted"]);

/** The delivered runs whose windows together cover the span. Empty: a part of the span is in no delivered run. */
export function replayedBy(runs: Runs, { start, end }: { start: string; end: string }): string[] {
  const endMs = Date.parse(end);
  const ids: string[] = [];
  let reachedMs = Date.parse(start);
  for (const run of deliveredByStart(runs)) {
    if (Date.parse(run.start) > reachedMs) break;
    if (Date.parse(run.end) <= reachedMs) continue;
    ids.push(run.id);
    reachedMs = Date.parse(run.end);
    if (reachedMs >= endMs) return ids;
  }
  return [];
}

/** The delivered runs by their start. At the same start, the longest run comes first, so that the fewest runs are
 * shown. */
function deliveredByStart(runs: Runs): Runs {
  return runs
    .filter(({ delivery_completed: isDelivered }) => isDelivered)
    .toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start) || Date.parse(b.end) - Date.parse(a.end));
}

/** The runs that replayed a selection: its holes, or the selection itself where it has no hole. */
export function replayedIn(
  { holes, runs }: { holes: readonly CoverageHole[]; runs: Runs },
  span: { start: string; end: string },
): string[] {
  const inside = holes.filter(
    (hole) => Date.parse(hole.start) < Date.parse(span.end) && Date.parse(hole.end) > Date.parse(span.start),
  );
  if (inside.length === 0) return replayedBy(runs, span);
  const ids = inside.map(({ outer }) => replayedBy(runs, outer));
  return ids.every((some) => some.length > 0) ? [...new Set(ids.flat())] : [];
}

/** The runs that will replay a hole: they work, or wait for a person. The API also returns dry runs and aborted runs,
 * which this function leaves out. */
export function openReplays(hole: Pick<CoverageHole, "replays">, runs: Runs): string[] {
  return hole.replays.filter((id) =>
    runs.some((run) => run.id === id && !run.dry_run && !ENDED.has(run.stage_code)),
  );
}

/** The holes that no run has delivered and that no run replays. */
export function openHoles({ holes, runs }: { holes: readonly CoverageHole[]; runs: Runs }): CoverageHole[] {
  return holes.filter(
    (hole) => replayedBy(runs, hole.outer).length === 0 && openReplays(hole, runs).length === 0,
  );
}

/** Whether the cells of a hole only wait for an answer to the live worker's batches. The partner may have their lines. */
export function isUnanswered(
  hole: Pick<CoverageHole, "start" | "end">,
  { start, states }: Pick<CoverageAnswer, "start" | "states">,
): boolean {
  const cell = (at: string) => (Date.parse(at) - Date.parse(start)) / CELL_MS_OF_PAGE;
  return /^w+$/.test(states.slice(Math.max(0, cell(hole.start)), cell(hole.end)));
}

/** The letters of a view, with REPLAYED for each cell of a hole that was replayed. `states` are letters of the same
 * cells. */
export function withReplays(
  states: string,
  { start, holes, runs }: { start: string; holes: readonly CoverageHole[]; runs: Runs },
): string {
  const startMs = Date.parse(start);
  const done = holes.filter(({ outer }) => replayedBy(runs, outer).length > 0);
  return Array.from(states, (letter, n) => {
    const at = startMs + n * CELL_MS_OF_PAGE;
    const isDone = done.some((hole) => Date.parse(hole.start) <= at && at < Date.parse(hole.end));
    return isDone ? REPLAYED : letter;
  }).join("");
}

/** The runs of the stripes below the grid. Delivered runs come last, so that they are drawn over the others. */
export function stripesOf(runs: Runs): Runs {
  return runs
    .filter(({ dry_run: isDry }) => !isDry)
    .toSorted((a, b) => Number(a.delivery_completed) - Number(b.delivery_completed));
}
