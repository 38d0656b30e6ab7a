// Reads what Coverage knows of a range, in the form that the rules about watching for holes need. Never writes.
import { CELL_MS, type CoverageRange } from "../../../src/contract/coverage.ts";
import type { SpanMs } from "../rules/cells.ts";
import { hoursOf } from "../rules/hours.ts";
import { holesOf } from "../rules/holes.ts";
import { lookAt } from "../views/look-at.ts";
import type { Tools } from "../work/context.ts";
import { meets, type Seen } from "./decide.ts";

export interface SeenDay extends Seen {
  endMs: number;
  /** Every hour was listed after the check began. */
  isComplete: boolean;
  /** Before this time nothing is known about what the live worker delivered, or Coverage did not look. */
  knownFrom: number;
  /** How many raw files start in the cells that the span touches. */
  filesIn(span: SpanMs): number;
}

export function seenOf(tools: Tools, range: CoverageRange): SeenDay {
  const { row, states, progress, oldestMs } = lookAt(tools, range, "presence");
  const holes = holesOf(row, states);
  return {
    ...range,
    states,
    holes,
    unsure: progress.complete ? unsureFiles(tools, holes) : [],
    isComplete: progress.complete,
    knownFrom: Math.max(range.startMs, oldestMs ?? range.endMs),
    filesIn: (span) =>
      row.cells.reduce((sum, cell, n) => {
        const from = range.startMs + n * CELL_MS;
        return sum + (meets(span, [from, from + CELL_MS]) ? (cell?.files ?? 0) : 0);
      }, 0),
  };
}

/** Files of the holes' hours that have a waiting batch of the live worker, or whose markers were not counted. */
function unsureFiles({ store }: Tools, holes: readonly { startMs: number; endMs: number }[]): SpanMs[] {
  const hours = new Set(holes.flatMap((hole) => hoursOf(hole)));
  return [...hours].flatMap((hour) =>
    store
      .files(hour)
      .filter(({ marks }) => marks === "unknown" || (typeof marks === "object" && marks.waiting.length > 0))
      .map(({ startMs, endMs }): SpanMs => [startMs, Math.max(endMs, startMs + 1)]),
  );
}
