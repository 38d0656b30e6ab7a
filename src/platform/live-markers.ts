// Lists the live worker's markers of one raw file. A file of a million records has a thousand markers, so usually
// one list is enough.
import { markerPrefix, rangesOf, readMarker, type IndexRanges, type Marker } from "../contract/live.ts";

type Lists = (options: R2ListOptions) => Promise<R2Objects>;

export interface ListedMarker extends Marker {
  /** When the live worker wrote the marker. Epoch ms. */
  at: number;
}

export async function listMarkers(list: Lists, livePrefix: string, rawKey: string): Promise<ListedMarker[]> {
  const prefix = markerPrefix(livePrefix, rawKey);
  const found: ListedMarker[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list({ prefix, ...(cursor !== undefined && { cursor }) });
    for (const { key, uploaded } of page.objects) {
      const marker = readMarker(prefix, key);
      if (marker) found.push({ ...marker, at: uploaded.getTime() });
    }
    if (!page.truncated) return found;
    cursor = page.cursor;
  }
}

/** A batch with both markers is done: the live worker deletes the `.txt` marker afterwards. */
export function byKind(markers: ListedMarker[]): { done: IndexRanges; waiting: IndexRanges } {
  const done = new Set(markers.filter(({ kind }) => kind === "done").map(({ index }) => index));
  const waiting = markers.map(({ index }) => index).filter((index) => !done.has(index));
  return { done: rangesOf(done), waiting: rangesOf(waiting) };
}
