// The counts under the names that operators know from the earlier system.
import { iso } from "../../../src/contract/instants.ts";
import type { OlderNames } from "../../../src/contract/line-sums.ts";
import type { Window } from "../../../src/contract/parse-spec.ts";
import type { RunRow } from "../ledger/run-row.ts";
import type { Totals } from "../ledger/totals.ts";

const BEIJING_MS = 8 * 3_600_000;

export function olderNames(
  t: Totals,
  row: Pick<RunRow, "batch_lines_min" | "batch_lines_max">,
  { startMs, endMs }: Window,
  now: number,
): OlderNames {
  return {
    batches_sent: t.batches_done,
    batches_pending: t.batches_pending + t.batches_leased,
    batch_lines_avg: t.batches_done === 0 ? null : Math.round(t.lines_done / t.batches_done),
    batch_lines_min: row.batch_lines_min,
    batch_lines_max: row.batch_lines_max,
    replay_window_beijing: `${beijing(startMs)} – ${beijing(endMs)}`,
    last_refresh_beijing: beijing(now),
  };
}

function beijing(ms: number): string {
  return `${iso(ms + BEIJING_MS)
    .slice(0, 19)
    .replace("T", " ")} +08:00`;
}
