// Performs listing: reads pages through the port, up to five at a time, and takes in what each says as it arrives, in a
// transaction of its own. The cursor of every task is persisted with its page: whatever dies here is asked for again.
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { takeFiles } from "../files/listed-files.ts";
import { frameOf, listingSpec, type Frame, type ListTask } from "../listing/list-tasks.ts";
import { isOfOlderCode, type ListingState } from "../listing/listing.ts";
import {
  cutShortSome,
  endPass,
  isOver,
  nextTask,
  openPass,
  takePage,
  type PassTurn,
} from "../files/listing-pass.ts";
import type { Ports } from "../context/ports.ts";

/** Of the object's six connections that wait for headers one stays free. More would only list ahead of the parsers. */
const LISTED_AT_ONCE = 5;
/** No page is begun later in one step: leases, stages and bells wait for it. */
const STEP_MS = 1_000;

/** Lists until the pass is over, the step has taken long enough, or a page fails; then its error is thrown. */
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

/** What decides whether the run lists at all is as it was when the step began. */
function isAsItWas(run: StartedRun, begun: StartedRun): boolean {
  return run.listing.pass === begun.listing.pass && run.row.stage === begun.row.stage;
}

/** False: there is nothing that must be named for want of pages. */
function cutShortNow(context: RunContext, pass: number, underWay: ListTask[]): boolean {
  return take(context, pass, (state, frame) => cutShortSome(context.store.listing, state, frame, underWay));
}

/** Writes what a page, or the end of the budget, makes of the pass; if it was for another pass, it means nothing. */
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

/** Older code kept its tasks elsewhere and looked at fewer keys. */
function beginAnew(context: RunContext): void {
  const run = started(context);
  if (run && isOfOlderCode(run.listing)) context.store.transaction(() => openPass(context, run, run.listing));
}
