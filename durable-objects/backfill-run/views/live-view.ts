// Shows what the API shows about delivery by the live worker, for a run and for a file.
import { countOf, type LeftOutView, type LiveView } from "../../../src/contract/live.ts";
import type { FileCounts, LeftOut } from "../../../src/contract/file-counts.ts";
import { iso, isoOrNull } from "../../../src/contract/instants.ts";
import type { Window } from "../../../src/contract/parse-spec.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { FileView } from "../../../src/contract/views.ts";
import type { StartedRun } from "../context/context.ts";
import { beliefOf, doubtText, isBelieved, provenBy } from "../context/live-size-proof.ts";
import { provingFiles } from "../context/live-size.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { liveFileOf } from "../ledger/live-file.ts";
import type { Totals } from "../ledger/totals.ts";
import { SECOND_MS } from "../../../src/contract/time-units.ts";

/** `leftOut` reads the rows of the files. It is called only for a run that skips what the live worker delivered. */
export function liveView(
  { row, spec }: StartedRun,
  t: Totals,
  leftOut: () => LeftOut | null,
): { live?: LiveView } {
  if (!spec.live) return {};
  const { evidence, fitting, doubt } = beliefOf(row, spec.live);
  return {
    live: {
      batch_size: spec.live.batchSize,
      believed: isBelieved(row, spec.live),
      proven_by: provenBy(row, spec.live),
      proving_files: provingFiles(evidence),
      doubt: doubtText(row, spec.live),
      doubt_code: doubt,
      fitting_sizes: fitting,
      files_with_markers: evidence.files,
      files_waiting: t.files_waiting,
      files_to_list_again: t.live_rechecks,
      lines_sent_while_waiting: t.live_waiting_lines,
      live_delivered_meanwhile: { batches: t.live_meanwhile_batches, lines: t.live_meanwhile_lines },
      outside_not_delivered: withWindows(leftOut(), spec.parse),
    },
  };
}

export function liveFileView(row: FileRow, counts: FileCounts | null): Pick<FileView, "live" | "borders"> {
  const live = liveFileOf(row);
  if (live === null) return {};
  const { done, waiting, firstDoneAt, lastDoneAt, detailKey } = live.markers;
  return {
    live: {
      expected: live.expected,
      done: countOf(done),
      waiting: countOf(waiting),
      first_done_at: isoOrNull(firstDoneAt),
      last_done_at: isoOrNull(lastDoneAt),
      lines_sent_while_waiting: live.waitingLines,
      live_delivered_meanwhile: { ...live.meanwhile },
      outside_not_delivered: leftOutView(counts?.live?.leftOut ?? null),
      detail: detailKey,
    },
    borders: counts?.live?.borders ?? null,
  };
}

function leftOutView(leftOut: LeftOut | null): LeftOutView | null {
  if (leftOut === null) return null;
  const { before, after, firstMs, lastMs } = leftOut;
  return { before, after, first: iso(firstMs), last: iso(lastMs) };
}

/** The windows begin and end in whole seconds. They share at most the last instant of the run's window, when its end is
 * inside: a window always contains its start. */
function withWindows(leftOut: LeftOut | null, window: Window): LiveView["outside_not_delivered"] {
  const view = leftOutView(leftOut);
  if (leftOut === null || view === null) return null;
  const { startMs, endMs } = window;
  const firstMs = Math.floor(leftOut.firstMs / SECOND_MS) * SECOND_MS;
  const pastMs = (Math.floor(leftOut.lastMs / SECOND_MS) + 1) * SECOND_MS;
  return {
    ...view,
    windows: [
      ...(view.before > 0 ? [{ start: isoSecond(firstMs), end: isoSecond(startMs) }] : []),
      ...(view.after > 0 ? [{ start: isoSecond(endMs), end: isoSecond(pastMs) }] : []),
    ],
  };
}
