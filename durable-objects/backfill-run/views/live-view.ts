// Shows what the API shows about delivery by the live worker, for a run and for a file.
import { countOf, type LiveView } from "../../../src/contract/live.ts";
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import { isoOrNull } from "../../../src/contract/instants.ts";
import type { FileView } from "../../../src/contract/views.ts";
import type { StartedRun } from "../context/context.ts";
import { beliefOf, doubtText, isBelieved, provenBy } from "../context/live-size-proof.ts";
import { provingFiles } from "../context/live-size.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { liveFileOf } from "../ledger/live-file.ts";
import type { Totals } from "../ledger/totals.ts";

export function liveView({ row, spec }: StartedRun, t: Totals): { live?: LiveView } {
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
      detail: detailKey,
    },
    borders: counts?.live?.borders ?? null,
  };
}
