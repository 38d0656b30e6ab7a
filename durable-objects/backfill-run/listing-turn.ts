// Performs listing: reads pages through the port, up to five at a time, and takes in what each says as it arrives, in a
// transaction of its own. The cursor of every task is persisted with its page: whatever dies here is asked for again.
import { started, type RunContext, type StartedRun } from "./context.ts";
import { ANY_ETAG, parseCurrent, strand } from "./file-verbs.ts";
import { changedObject } from "./ledger.ts";
import { listingSpec } from "./lifecycle-verbs.ts";
import {
  beginPass,
  cursorOf,
  passEnded,
  readPage,
  tasksToList,
  type IsUnderWay,
  type ListingState,
} from "./listing.ts";
import type { FoundFile, ListedPage, ListTask } from "./list-tasks.ts";
import type { Ports } from "./ports.ts";

/** Of the object's six connections that wait for headers one stays free. More would only list ahead of the parsers. */
const LISTED_AT_ONCE = 5;
/** No page is begun later in one step: leases, stages and bells wait for it. */
const STEP_MS = 1_000;

/** Lists until the pass is over, the step has taken long enough, or a page fails; then its error is thrown. */
export async function listSome(context: () => RunContext, ports: Ports): Promise<void> {
  const begunAt = context().now;
  const mayBegin = (now: number): boolean => now >= begunAt && now <= begunAt + STEP_MS;
  const begun = started(context());
  const underWay = new Map<string, Promise<void>>();
  const isUnderWay = (task: ListTask): boolean => underWay.has(cursorOf(task));
  let failure: unknown = null;
  const listOne = async (pass: number, task: ListTask): Promise<void> => {
    try {
      const page = await ports.list(task);
      takePage(context(), { pass, asked: task, page, isUnderWay });
    } catch (error) {
      failure ??= error;
    } finally {
      underWay.delete(cursorOf(task));
    }
  };
  for (;;) {
    const run = started(context());
    if (run && begun && isAsItWas(run, begun) && failure === null && mayBegin(context().now)) {
      const room = LISTED_AT_ONCE - underWay.size;
      for (const task of tasksToList(run.listing, room, isUnderWay)) {
        underWay.set(cursorOf(task), listOne(run.listing.pass, task));
      }
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay.values());
  }
  if (failure !== null) throw failure;
}

/** What decides whether the run lists at all is as it was when the step began. */
function isAsItWas(run: StartedRun, begun: StartedRun): boolean {
  return run.listing.pass === begun.listing.pass && run.row.stage === begun.row.stage;
}

/** A page that was asked for as `asked`; if the task moved on during the await, the page means nothing any more. */
function takePage(
  context: RunContext,
  {
    pass,
    asked,
    page,
    isUnderWay,
  }: { pass: number; asked: ListTask; page: ListedPage; isUnderWay: IsUnderWay },
): void {
  const run = started(context);
  if (run?.listing.pass !== pass) return;
  const read = readPage(run.listing, asked, listingSpec(run.spec), page, isUnderWay);
  if (!read) return;
  context.store.transaction(() => {
    takeFiles(context, run, read.files);
    for (const { kind, keys } of read.foreign) context.store.addForeign(kind, keys);
    const listing = read.next.tasks.length > 0 ? read.next : endPass(context, run, read.next);
    context.store.run.update({ listing_json: JSON.stringify(listing) });
  });
}

function endPass(context: RunContext, run: StartedRun, listing: ListingState): ListingState {
  const { complete, lookAgainMs } = passEnded(listing);
  if (lookAgainMs === null || listing.mode === "inspect") return complete;
  context.store.clearForeign();
  const limits = { marginMs: listing.marginMs, lookbackMs: lookAgainMs, mode: listing.mode };
  return beginPass(listing, listingSpec(run.spec), limits, context.now);
}

function takeFiles(context: RunContext, run: StartedRun, found: FoundFile[]): void {
  const { files } = context.store;
  const known = new Map(files.byKeys(found.map((file) => file.key)).map((row) => [row.key, row]));
  const fresh = found.filter((file) => !known.has(file.key));
  for (const file of found) {
    const row = known.get(file.key);
    // whichever object stands there is meant: an operator asked for it
    if (row && row.etag !== ANY_ETAG && row.etag !== file.etag)
      objectChanged(context, run.listing.mode, row.file, file);
  }
  if (fresh.length === 0) return;
  if (run.listing.mode === "inspect") {
    context.store.addForeign(
      "late_file",
      fresh.map((file) => file.key),
    );
    return;
  }
  const firstFile = run.row.next_file;
  files.insertListed(
    fresh.map((file, n) => ({
      file: firstFile + n,
      key: file.key,
      size: file.size,
      etag: file.etag,
      uploaded_at: file.uploadedAt,
      range_start: file.rangeStart,
      range_end: file.rangeEnd,
    })),
    run.spec.parse,
  );
  context.store.run.update({ next_file: firstFile + fresh.length });
}

/** Listed again with another etag. A file being parsed is left to its parser, which sees the change itself. */
function objectChanged(
  context: RunContext,
  mode: ListingState["mode"],
  number: number,
  seen: { etag: string; size: number },
): void {
  const row = context.store.files.get(number);
  if (!row || row.state === "parsing") return;
  switch (changedObject(row.state, row.posted === 1)) {
    case "ignore":
      return;
    case "changed":
      context.store.files.move(row, "changed", {
        due_at: null,
        fresh: null,
        reason: "etag: the object changed after lines of it were sent",
      });
      strand(context, row, "changed");
      return;
    case "parse_current":
      // after delivery it is a late file like any other
      if (mode === "inspect") context.store.addForeign("late_file", [row.key]);
      else parseCurrent(context, row, seen);
  }
}
