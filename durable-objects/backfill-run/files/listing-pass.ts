// The tasks of a listing pass: which are listed next, and what a page or the end of the budget makes of them. Synchronous;
// the caller's transaction holds what is written here together with the files that were found.
import { reachingFiles } from "../listing/single-stamps.ts";
import { cutShort, readPage, type ListingState, type Named } from "../listing/listing.ts";
import {
  LOOK_TURN,
  WALK_TURN,
  frameOf,
  listingSpec,
  seedsOf,
  type FoundFile,
  type Frame,
  type ListTask,
  type ListedPage,
  type NewTask,
  type Turns,
} from "../listing/list-tasks.ts";
import { DAY_MS } from "../../../src/pipeline/calendar.ts";
import { EARLY_DAYS } from "../listing/listed-days.ts";
import type { ListRows } from "../ledger/list-rows.ts";
import type { RunContext, StartedRun } from "../context/context.ts";

/** Pages of one pass that look for folders which are not read. More of them need an operator's word. */
export const MAX_LOOKED = 200;
/** What is left unread is named so many tasks at a time. */
const CUT_SHORT_AT_ONCE = 500;
/** No lookback is widened beyond it by long files: a file's name decides what is listed. */
const MAX_LOOKBACK_MS = EARLY_DAYS * DAY_MS;

const EVERYTHING: Turns = { from: WALK_TURN, to: Number.MAX_SAFE_INTEGER };
const WALKS: Turns = { from: WALK_TURN, to: WALK_TURN };
const LOOKS: Turns = { from: LOOK_TURN, to: Number.MAX_SAFE_INTEGER };
/** Walks come before it, looks behind it. */
const READING: Turns = { from: WALK_TURN + 1, to: LOOK_TURN - 1 };

export interface PassTurn {
  state: ListingState;
  files: FoundFile[];
  named: Named[];
}

export function beginPass(
  rows: ListRows,
  previous: ListingState | null,
  frame: Frame,
  mode: ListingState["mode"],
  now: number,
): ListingState {
  rows.clear();
  const begun: ListingState = {
    mode,
    underWay: true,
    pass: (previous?.pass ?? 0) + 1,
    startedAt: now,
    completeAsOf: previous?.completeAsOf ?? null,
    marginMs: frame.marginMs,
    lookbackMs: frame.lookbackMs,
    longestRangeMs: previous?.longestRangeMs ?? 0,
    nextTask: previous?.nextTask ?? 1,
    looked: 0,
    series: {},
  };
  return add(rows, begun, seedsOf(frame));
}

function add(rows: ListRows, state: ListingState, tasks: readonly NewTask[]): ListingState {
  const first = state.nextTask ?? 1;
  rows.add(tasks.map((task, n) => ({ ...task, task: first + n })));
  return { ...state, nextTask: first + tasks.length };
}

/** Looks for what is not read: its pages are counted. */
function isLook({ kind }: ListTask): boolean {
  return kind === "walk" || kind === "look";
}

/** In order, but segments behind one under way last; null: nothing but what is under way, or what may not be looked at. */
export function nextTask(
  rows: ListRows,
  state: ListingState,
  underWay: readonly ListTask[],
): ListTask | null {
  const looked = (state.looked ?? 0) + underWay.filter(isLook).length;
  const turns = looked < MAX_LOOKED ? EVERYTHING : READING;
  const ids = underWay.map(({ task }) => task);
  return rows.next(turns, ids, true) ?? rows.next(turns, ids, false);
}

/** Takes in a page that was asked for as `asked`; null: the task moved on, and the page means nothing any more. */
export function takePage(
  rows: ListRows,
  state: ListingState,
  frame: Frame,
  asked: ListTask,
  page: ListedPage,
  underWay: readonly ListTask[],
): PassTurn | null {
  const found = rows.asListed(asked);
  if (!found) return null;
  const task = rejoined(rows, found, underWay);
  rows.remove(found);
  const read = readPage(state, frame, task, page);
  const looked = (state.looked ?? 0) + (isLook(task) ? 1 : 0);
  const next = add(rows, { ...read.state, looked }, [...read.left, ...read.spawned]);
  return { state: next, files: read.files, named: read.named };
}

/** Segments ahead that nobody asked for are the task's own again: its page tells better where to cut. */
function rejoined(rows: ListRows, current: ListTask, underWay: readonly ListTask[]): ListTask {
  const next = rows.behind(current);
  if (!next || underWay.some(({ task }) => task === next.task)) return current;
  rows.remove(next);
  return rejoined(rows, { ...current, stopAt: next.stopAt }, underWay);
}

/** When no more may be looked at and nothing of it is under way: names some of what is left; null: there is none. */
export function cutShortSome(
  rows: ListRows,
  state: ListingState,
  frame: Frame,
  underWay: readonly ListTask[],
): PassTurn | null {
  if ((state.looked ?? 0) < MAX_LOOKED || underWay.some(isLook)) return null;
  const walks = rows.some(WALKS, CUT_SHORT_AT_ONCE);
  const left = walks.length > 0 ? walks : rows.some(LOOKS, CUT_SHORT_AT_ONCE);
  if (left.length === 0) return null;
  const named: Named[] = [];
  let next = state;
  for (const task of left) {
    rows.remove(task);
    const cut = cutShort(next, frame, task);
    named.push(...cut.named);
    next = add(rows, cut.state, cut.spawned);
  }
  return { state: next, files: [], named: together(named) };
}

function together(named: readonly Named[]): Named[] {
  const kinds = Map.groupBy(named, ({ kind }) => kind);
  return [...kinds].map(([kind, some]) => ({ kind, keys: some.flatMap(({ keys }) => keys) }));
}

export function isOver(rows: ListRows): boolean {
  return rows.some(EVERYTHING, 1).length === 0;
}

/** The pass ended: files that reach into the window, and how far back the next pass looks if this one looked too short. */
export function endPass(state: ListingState, frame: Frame): PassTurn & { lookAgainMs: number | null } {
  const { longestRangeMs, lookbackMs } = state;
  // days are listed whole, and one more before them
  const isShort = longestRangeMs * 2 > lookbackMs + DAY_MS && lookbackMs < MAX_LOOKBACK_MS;
  return {
    state: { ...state, underWay: false, completeAsOf: state.startedAt, series: {} },
    files: reachingFiles(state.series ?? {}, frame.spec.startMs),
    named: [],
    lookAgainMs: isShort ? Math.min(MAX_LOOKBACK_MS, longestRangeMs * 2) : null,
  };
}

/** A new pass of the run, with these limits. */
export function openPass(
  context: RunContext,
  run: StartedRun,
  limits: Pick<ListingState, "marginMs" | "lookbackMs" | "mode" | "completeAsOf">,
): void {
  const { store, now } = context;
  const { marginMs, lookbackMs, mode, completeAsOf } = limits;
  const frame = frameOf(listingSpec(run.spec), marginMs, lookbackMs);
  store.named.begin();
  const listing = beginPass(store.listing, { ...run.listing, completeAsOf }, frame, mode, now);
  store.run.update({ listing_json: JSON.stringify(listing) });
}
