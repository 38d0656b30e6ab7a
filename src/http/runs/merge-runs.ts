// Merges the pages of several registries into one page. Each registry lists its runs from the same position, so the newest
// runs of all pages are the next runs of the deployment. Does no I/O.
import type { RunSummary } from "../../contract/registry.ts";
import { writeCursor } from "../../contract/run-cursor.ts";
import type { Page } from "../../contract/states.ts";

/** Merges pages of several registries, which all begin at the same place, into one page. `limit` is also the limit of each page. */
export function mergedPage(pages: readonly Page<RunSummary>[], limit: number): Page<RunSummary> {
  const [only] = pages;
  if (only !== undefined && pages.length === 1) return only;
  const all = pages.flatMap(({ items }) => items).toSorted(newestFirst);
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const hasMore = all.length > items.length || pages.some(({ next_cursor }) => next_cursor !== null);
  // A run is created in a whole second, so the text of the instant is exact.
  const next = last && hasMore && writeCursor({ createdAt: Date.parse(last.created_at), runId: last.id });
  return { items, next_cursor: next || null };
}

/** The order of the registry's list. */
function newestFirst(a: RunSummary, b: RunSummary): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
