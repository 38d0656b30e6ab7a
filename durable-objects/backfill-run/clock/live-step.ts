// Before the run is delivered, lists again the markers of files of which the run sent lines. If a batch of the live
// worker was marked done after the parse, its lines may have been delivered twice.
import { started, type RunContext } from "../context/context.ts";
import type { Ports } from "../context/ports.ts";
import { isIn, type LiveDetail, type LiveMarkers } from "../../../src/contract/live.ts";
import { byKind } from "../../../src/platform/live-markers.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { liveFileOf } from "../ledger/live-file.ts";

/** The most files of one step. An invocation has six connections. */
const FILES_AT_ONCE = 6;

type Meanwhile = { batches: number; lines: number };

export async function recheckSome(context: () => RunContext, ports: Ports): Promise<void> {
  const spec = started(context())?.spec.live;
  if (!spec) return;
  const files = context().store.live.toRecheck(FILES_AT_ONCE);
  const found = await Promise.all(files.map((file) => markedSince(file, spec.prefix, ports)));
  const { store } = context();
  store.transaction(() => {
    for (const [n, { file, live_json }] of files.entries()) {
      const row = store.files.get(file);
      const live = row && liveFileOf(row);
      const meanwhile = found[n];
      // The file was parsed again during the listing, so its markers are listed again later.
      if (!row || !live || !meanwhile || row.live_recheck === 0 || row.live_json !== live_json) continue;
      store.files.update(file, { live_recheck: 0, live_json: JSON.stringify({ ...live, meanwhile }) });
      store.totals.add("live_rechecks", -1, file);
      store.totals.add("live_meanwhile_batches", meanwhile.batches - live.meanwhile.batches, file);
      store.totals.add("live_meanwhile_lines", meanwhile.lines - live.meanwhile.lines, file);
    }
  });
}

async function markedSince(file: FileRow, prefix: string, ports: Ports): Promise<Meanwhile> {
  const markers = liveFileOf(file)?.markers;
  if (!markers) return { batches: 0, lines: 0 };
  const { done } = byKind(await ports.markers(prefix, file.key));
  const since = done.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n).filter((index) => isNew(markers, index)),
  );
  if (since.length === 0) return { batches: 0, lines: 0 };
  const detail = markers.detailKey === null ? null : await ports.liveDetail(markers.detailKey);
  return { batches: since.length, lines: keptIn(detail, since) };
}

/** Whether a batch was marked done after the parse. Batches that waited during the parse were already counted. */
function isNew({ done, waiting }: LiveMarkers, index: number): boolean {
  return !isIn(done, index) && !isIn(waiting, index);
}

function keptIn(detail: LiveDetail | null, indexes: number[]): number {
  const kept = new Map(detail?.kept ?? []);
  return indexes.reduce((sum, index) => sum + (kept.get(index) ?? 0), 0);
}
