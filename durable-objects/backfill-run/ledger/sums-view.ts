// The part of the status about the run's sums. Does no I/O.
import { DROP_REASONS } from "../../../src/contract/file-counts.ts";
import type { LineSums, SumsView } from "../../../src/contract/line-sums.ts";
import type { RunSpec } from "../../../src/contract/run.ts";
import { BATCH_STATES, FILE_STATES, RETIRED_BATCH_STATE } from "../../../src/contract/states.ts";
import type { Totals } from "./totals.ts";

export function sumsView(t: Totals, { dryRun }: Pick<RunSpec, "dryRun">): SumsView {
  const possible = t.possible_duplicate_lines + t.live_waiting_lines + t.live_meanwhile_lines;
  return {
    exceptions: t.exceptions,
    matched_raw_files: t.matched_files,
    files: byName(FILE_STATES, (state) => t[`files_${state}`]),
    batches: { ...byName(BATCH_STATES, (state) => t[`batches_${state}`]), [RETIRED_BATCH_STATE]: 0 },
    lines: lineSums(t),
    sanitized_fields: t.sanitized_fields,
    repeated_ray_ids: t.repeated_ray_ids,
    untracked_ray_ids: t.untracked_ray_ids,
    in_flight: t.batches_leased,
    log_lines_sent: t.lines_done,
    duplicate_lines: t.duplicate_lines,
    // A dry run sends nothing, so none of its lines can arrive twice.
    possible_duplicate_lines: dryRun === true ? 0 : possible,
    uncertain_attempts: t.uncertain_attempts,
    dead_letters: { parse: t.parse_dead_letters, send: t.send_dead_letters },
  };
}

function lineSums(t: Totals): LineSums {
  return {
    read: t.read,
    kept: t.kept,
    malformed: t.malformed,
    empty: t.empty_lines,
    repaired: t.repaired,
    sent: t.lines_done,
    pending: t.lines_pending + t.lines_leased,
    refused: t.lines_refused,
    [RETIRED_BATCH_STATE]: 0,
    held: t.lines_held,
    discarded: t.lines_discarded,
    inherited: t.inherited_lines,
    dropped: byName(DROP_REASONS, (why) => t[`dropped_${why}`]),
  };
}

function byName<Name extends string>(
  names: readonly Name[],
  count: (name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>;
}
