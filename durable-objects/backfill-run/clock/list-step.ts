// Performs listing: reads up to five pages at a time through the port. Stores the files of each page when the page
// arrives, in one transaction. The transaction also stores the task's cursor. So if the transaction fails, the page
// is read again.
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { takeFiles } from "../files/take-files.ts";
import { frameOf, listingSpec, type Frame, type ListTask } from "../../../src/listing/list-tasks.ts";
import { isOfOlderCode, type ListingState } from "../../../src/listing/listing.ts";
import {
  cutShortSome,
  endPass,
  isOver,
  nextTask,
  takePage,
  type PassTurn,
} from "../../../src/listing/pass.ts";
import { openPass } from "../files/open-pass.ts";
import type { Ports } from "../context/ports.ts";

/** How many pages are read at once. One of the six connections of the Durable Object stays free. More parallel
 * lists would not help, because parsers are slower. */
const LISTED_AT_ONCE = 5;
/** After this time a step reads no further page, because leases, stages and wake-ups wait for the end of the step. */
const STEP_MS = 1_000;

/** Lists until the listing pass is over, the step has taken long enough, or a page fails. Throws the error of a
 * failed page. */
export async function listSome(context: () => RunContext, ports: Ports): Promise<void> {
  const begunAt = context().now;
  const mayBegin = (now: number): boolean => now >= begunAt && now <= begunAt + STEP_MS;
  beginAnew(context());
  const begun = started(context());
  const underWay = new Map<ListTask, Promise<void>>();
  let failure: unknown = null;
  const listOne = async (pass: number, task: ListTask): Promise<void> => {
    try {
      const page = await ports.list(task);
      const now = context();
      take(now, pass, (state, frame) =>
        takePage(
          now.store.listing,
          state,
          frame,
          task,
          page,
          [...underWay.keys()].filter((one) => one !== task),
        ),
      );
    } catch (error) {
      failure ??= error;
    } finally {
      underWay.delete(task);
    }
  };
  for (;;) {
    for (;;) {
      const now = context();
      const run = started(now);
      if (!run || !begun || !isAsItWas(run, begun) || failure !== null || !mayBegin(now.now)) break;
      if (underWay.size >= LISTED_AT_ONCE) break;
      const task = nextTask(now.store.listing, run.listing, [...underWay.keys()]);
      if (task) underWay.set(task, listOne(run.listing.pass, task));
      else if (!cutShortNow(now, run.listing.pass, [...underWay.keys()])) break;
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay.values());
  }
  if (failure !== null) throw failure;
}

/** Whether the run may still list: it is not aborted or paused, and the listing pass is the same as when the step
 * began. */
function isAsItWas(run: StartedRun, begun: StartedRun): boolean {
  return run.listing.pass === begun.listing.pass && run.row.stage === begun.row.stage;
}

/** Records the unread folders when the listing pass may read no more pages. False: there was no such folder. */
function cutShortNow(context: RunContext, pass: number, underWay: ListTask[]): boolean {
  return take(context, pass, (state, frame) => cutShortSome(context.store.listing, state, frame, underWay));
}

/** Writes what a page changes, or what changes when the listing pass may read no more pages. Ignores a page of
 * another listing pass. */
function take(
  context: RunContext,
  pass: number,
  turn: (state: ListingState, frame: Frame) => PassTurn | null,
): boolean {
  const run = started(context);
  if (run?.listing.pass !== pass) return false;
  const { store } = context;
  return store.transaction(() => {
    const frame = frameOfPass(run, run.listing);
    const taken = turn(run.listing, frame);
    if (!taken) return false;
    takeFiles(context, run, taken.files);
    for (const { kind, keys } of taken.named) store.named.add(kind, keys);
    store.run.update({ listing_json: JSON.stringify(taken.state) });
    if (isOver(store.listing)) finish(context, frame);
    return true;
  });
}

function frameOfPass(run: StartedRun, { marginMs, lookbackMs }: ListingState): Frame {
  return frameOf(listingSpec(run.spec), marginMs, lookbackMs);
}

function finish(context: RunContext, frame: Frame): void {
  const run = started(context);
  if (!run) return;
  const { state, files, lookAgainMs } = endPass(run.listing, frame);
  takeFiles(context, run, files);
  if (lookAgainMs === null) {
    context.store.named.show();
    context.store.run.update({ listing_json: JSON.stringify(state) });
    return;
  }
  openPass(context, run, { ...run.listing, lookbackMs: lookAgainMs });
}

/** Begins a listing pass of older code again, because older code stored its tasks elsewhere and read fewer keys. */
function beginAnew(context: RunContext): void {
  const run = started(context);
  if (run && isOfOlderCode(run.listing)) context.store.transaction(() => openPass(context, run, run.listing));
}
