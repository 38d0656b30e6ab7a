// Which holes were replayed, and by which runs. Coverage still shows such a hole, because the live worker did not
// deliver it. Does no I/O.
import type { CoverageAnswer, CoverageHole } from "../../contract/api/api-types.ts";

type Runs = CoverageAnswer["runs"];

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

/** At the same start, the longest run comes first, so that the fewest runs are named. */
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

/** The runs of the stripes below the grid. Delivered runs come last, so that they are drawn over the others. */
export function stripesOf(runs: Runs): Runs {
  return runs
    .filter(({ dry_run: isDry }) => !isDry)
    .toSorted((a, b) => Number(a.delivery_completed) - Number(b.delivery_completed));
}
