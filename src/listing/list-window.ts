// Lists a window within one request, as a run would: with the same tasks, in memory, up to five pages at a time. The
// result says whether the listing ended early at its bounds. Does not search folders that a run would only report.
import { type ListingState } from "./listing.ts";
import { frameOf, type FoundFile, type ListPage, type ListTask, type ListingSpec } from "./list-tasks.ts";
import { beginPass, endPass, isOver, nextTask, takePage } from "./pass.ts";
import { PassTasks } from "./pass-tasks.ts";

/** How many pages are listed at once. One of six connections stays free. */
const LISTED_AT_ONCE = 5;

export interface ListBounds {
  maxPages: number;
  /** No page is begun after this time. */
  until: number;
  now: () => number;
}

export interface WindowListing {
  /** The files, each key once, in any order. */
  files: FoundFile[];
  pages: number;
  /** False: a bound or an error of R2 ended the listing early. */
  isComplete: boolean;
}

export async function listWindow(
  spec: ListingSpec,
  { marginMs, lookbackMs }: { marginMs: number; lookbackMs: number },
  list: ListPage,
  bounds: ListBounds,
): Promise<WindowListing> {
  const files = new Map<string, FoundFile>();
  let pages = 0;
  let back: number | null = lookbackMs;
  while (back !== null) {
    const frame = frameOf(spec, marginMs, back);
    const rows = new PassTasks([]);
    let state: ListingState = beginPass(rows, null, frame, "take", bounds.now());
    let hasFailed = false;
    const underWay = new Map<ListTask, Promise<void>>();
    const read = async (task: ListTask): Promise<void> => {
      try {
        const page = await list(task);
        underWay.delete(task);
        const taken = takePage(rows, state, frame, task, page, [...underWay.keys()]);
        if (taken === null) return;
        state = taken.state;
        for (const file of taken.files) files.set(file.key, file);
      } catch {
        underWay.delete(task);
        hasFailed = true;
      }
    };
    const mayBegin = (): boolean =>
      !hasFailed && underWay.size < LISTED_AT_ONCE && pages < bounds.maxPages && bounds.now() < bounds.until;
    do {
      while (mayBegin()) {
        const task = nextTask(rows, state, [...underWay.keys()]);
        if (task === null) break;
        pages += 1;
        underWay.set(task, read(task));
      }
      if (underWay.size > 0) await Promise.race(underWay.values());
    } while (underWay.size > 0 || (mayBegin() && !isOver(rows)));
    if (!isOver(rows)) return { files: [...files.values()], pages, isComplete: false };
    const end = endPass(state, frame);
    for (const file of end.files) files.set(file.key, file);
    back = end.lookAgainMs;
  }
  return { files: [...files.values()], pages, isComplete: true };
}
