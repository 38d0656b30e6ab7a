// Reads R2 lists for Coverage: pages of raw keys and pages of markers. Counts every list, retries included.
import { listPages, patientLists, type Lists } from "../../src/listing/list-pages.ts";
import type { ListPage } from "../../src/listing/list-tasks.ts";
import type { MarkerList, MarkerPage } from "./rules/marker-lists.ts";

export interface Lister {
  raw: ListPage;
  markers(list: Pick<MarkerList, "mode" | "prefix" | "startAfter">): Promise<MarkerPage>;
  /** How many lists were made since the Durable Object was loaded. */
  lists(): number;
}

/** A lister with a rate limit and retries. */
export function liveLister(bucket: Pick<R2Bucket, "list">, now: () => number): Lister {
  let count = 0;
  const list = (options?: R2ListOptions): Promise<R2Objects> => {
    count += 1;
    return bucket.list(options);
  };
  return listerOf(patientLists({ list }, now), () => count);
}

export function listerOf(list: Lists, lists: () => number): Lister {
  return { raw: listPages(list), markers: (one) => markerPage(list, one), lists };
}

async function markerPage(
  list: Lists,
  { mode, prefix, startAfter }: Pick<MarkerList, "mode" | "prefix" | "startAfter">,
): Promise<MarkerPage> {
  const options: R2ListOptions = { prefix };
  if (startAfter !== null) options.startAfter = startAfter;
  if (mode === "presence") options.delimiter = "-";
  let page = await list(options);
  // A page may be empty and have a successor. Only R2's own cursor leads past it.
  while (page.truncated && page.objects.length + page.delimitedPrefixes.length === 0) {
    page = await list({ ...options, cursor: page.cursor });
  }
  return {
    keys: page.objects.map(({ key, uploaded }) => ({ key, uploadedAt: uploaded.getTime() })),
    prefixes: page.delimitedPrefixes,
    truncated: page.truncated,
  };
}
