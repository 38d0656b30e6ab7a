// Finds out what the live worker delivered of a parser's file. The parser lists the markers and writes them into an
// R2 object, or uses the markers that the run stored earlier ("frozen"). The run decides what the markers mean.
import {
  countOf,
  isIn,
  type LiveClaim,
  type LiveDetail,
  type LiveManifest,
  type LiveMarkers,
} from "../contract/live.ts";
import type { FileClaim } from "../contract/parsing.ts";
import { byKind, listMarkers, type ListedMarker } from "../platform/live-markers.ts";
import type { LiveKept } from "../pipeline/types.ts";

/** The markers that the parser works with. `listed` has the markers as listed now. `listed` null: the markers are
 * frozen, and the R2 object with their detail already exists. */
export interface LiveWork {
  claim: LiveClaim;
  markers: LiveMarkers;
  listed: { at: number; markers: ListedMarker[] } | null;
}

export async function liveWork(bucket: R2Bucket, claim: FileClaim): Promise<LiveWork | null> {
  const { live } = claim;
  if (!live) return null;
  const { frozen } = live;
  // A dry run stores the markers and writes no detail. Without a detail, the lines of batches that are marked later
  // could not be counted.
  const needsDetail = frozen?.detailKey === null && live.detailKey !== null;
  if (frozen && !needsDetail) return { claim: live, markers: frozen, listed: null };
  const at = Date.now();
  const found = await listMarkers((options) => bucket.list(options), live.prefix, claim.key);
  const listed = { at, markers: found };
  if (frozen) return { claim: live, markers: { ...frozen, detailKey: live.detailKey }, listed };
  const times = found.filter(({ kind }) => kind === "done").map((marker) => marker.at);
  const markers: LiveMarkers = {
    ...byKind(found),
    firstDoneAt: least(times),
    lastDoneAt: most(times),
    detailKey: live.detailKey,
  };
  return { claim: live, markers, listed };
}

/** Why the file has to wait. Null: the file may be parsed. Frozen markers of a plan do not count here, because no line
 * of the file was sent yet. */
export function waitsFor({ claim, listed }: LiveWork): string | null {
  if (claim.waiting === "send" || listed === null || (claim.frozen !== null && !claim.isPlanned)) return null;
  const waiting = countOf(byKind(listed.markers).waiting);
  return waiting === 0 ? null : `${waiting} batches of the live worker have no answer yet`;
}

/** How many batches the live worker delivered after the dry run stored the markers. */
function doneSincePlan({ claim, markers, listed }: LiveWork): Pick<LiveManifest, "doneSincePlan"> {
  if (!claim.isPlanned || listed === null) return {};
  const since = listed.markers.filter(({ kind, index }) => kind === "done" && !isIn(markers.done, index));
  return { doneSincePlan: since.length };
}

/** Makes the member of the manifest about the live worker. Writes the R2 object with the detail first, so that the
 * run never refers to a missing R2 object. */
export async function liveManifest(
  bucket: R2Bucket,
  work: LiveWork,
  { key, etag }: { key: string; etag: string },
  kept: LiveKept,
): Promise<LiveManifest> {
  const { claim, markers, listed } = work;
  const waitingLines = kept.reduce(
    (sum, [index, lines]) => sum + (isIn(markers.waiting, index) ? lines : 0),
    0,
  );
  if (listed === null) return { markers, waitingLines };
  const { detailKey } = markers;
  if (detailKey === null || (listed.markers.length === 0 && kept.length === 0))
    return { markers: { ...markers, detailKey: null }, waitingLines, ...doneSincePlan(work) };
  const detail: LiveDetail = {
    key,
    etag,
    listed_at: new Date(listed.at).toISOString(),
    batch_size: claim.batchSize,
    markers: listed.markers.map(({ index, kind, at }) => [index, kind, new Date(at).toISOString()]),
    kept,
  };
  await bucket.put(detailKey, JSON.stringify(detail));
  return { markers, waitingLines, ...doneSincePlan(work) };
}

function least(times: number[]): number | null {
  return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
}

function most(times: number[]): number | null {
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
}
