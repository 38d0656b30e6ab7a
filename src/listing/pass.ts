// The tasks of a listing pass: which task is listed next, and how a page, or the end of the page budget, changes
// the tasks. Synchronous. The caller writes the tasks and the found files in one transaction.
import { reachingFiles } from "./single-stamps.ts";
import { cutShort, readPage, type ListingState, type Named } from "./listing.ts";
import {
  LOOK_TURN,
  WALK_TURN,
  seedsOf,
  type FoundFile,
  type Frame,
  type ListTask,
  type ListedPage,
  type NewTask,
  type Turns,
} from "./list-tasks.ts";
import { EARLY_DAYS } from "./listed-days.ts";
import { DAY_MS } from "../contract/time-units.ts";

/** The page budget: how many pages of a listing pass may search folders which are not read. Beyond this bound an
 * operator must decide. */
export const MAX_LOOKED = 200;
/** How many unread tasks are reported in one turn. */
const CUT_SHORT_AT_ONCE = 500;
/** The longest lookback to which long files can widen the listing. A file's name decides what is listed. */
const MAX_LOOKBACK_MS = EARLY_DAYS * DAY_MS;

const EVERYTHING: Turns = { from: WALK_TURN, to: Number.MAX_SAFE_INTEGER };
const WALKS: Turns = { from: WALK_TURN, to: WALK_TURN };
const LOOKS: Turns = { from: LOOK_TURN, to: Number.MAX_SAFE_INTEGER };
/** The turns of tasks that read files. They lie between the turns of WALKS and LOOKS. */
const READING: Turns = { from: WALK_TURN + 1, to: LOOK_TURN - 1 };

/** The store of a listing pass's tasks. A run has a row for each task. Coverage keeps all tasks in one value. */
export interface TaskRows {
  add(tasks: readonly ListTask[]): void;
  /** The first task of which no page is being read. `spared`: leaves out key ranges that follow a task whose page
   * is being read. */
  next(turns: Turns, underWay: readonly number[], spared: boolean): ListTask | null;
  /** The stored task, if its cursor has not changed. */
  asListed(asked: ListTask): ListTask | null;
  /** The key range that begins where `segment` ends. Null: there is no such key range, or a page of it was read. */
  behind(segment: ListTask): ListTask | null;
  remove(task: ListTask): void;
  some(turns: Turns, limit: number): ListTask[];
  clear(): void;
}

export interface PassTurn {
  state: ListingState;
  files: FoundFile[];
  named: Named[];
}

export function beginPass(
  rows: TaskRows,
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

function add(rows: TaskRows, state: ListingState, tasks: readonly NewTask[]): ListingState {
  const first = state.nextTask ?? 1;
  rows.add(tasks.map((task, n) => ({ ...task, task: first + n })));
  return { ...state, nextTask: first + tasks.length };
}

/** Whether the task searches folders that are not read. The page budget counts the pages of such tasks. */
function isLook({ kind }: ListTask): boolean {
  return kind === "walk" || kind === "look";
}

/** The next task in order. Key ranges that follow a task whose page is being read come last. Null: a page of every
 * task is being read, or the page budget is used up. */
export function nextTask(
  rows: TaskRows,
  state: ListingState,
  underWay: readonly ListTask[],
): ListTask | null {
  const looked = (state.looked ?? 0) + underWay.filter(isLook).length;
  const turns = looked < MAX_LOOKED ? EVERYTHING : READING;
  const ids = underWay.map(({ task }) => task);
  return rows.next(turns, ids, true) ?? rows.next(turns, ids, false);
}

/** Applies a page of the task `asked`. Null: the cursor of the task has changed, so the page is ignored. */
export function takePage(
  rows: TaskRows,
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

/** Joins the key ranges that follow the task, and that were not listed yet, to the task again. The page of the task
 * shows better where to cut. */
function rejoined(rows: TaskRows, current: ListTask, underWay: readonly ListTask[]): ListTask {
  const next = rows.behind(current);
  if (!next || underWay.some(({ task }) => task === next.task)) return current;
  rows.remove(next);
  return rejoined(rows, { ...current, stopAt: next.stopAt }, underWay);
}

/** Reports the folders of some remaining tasks when the page budget is used up and no task that it counts is under
 * way. Null: no task remains. */
export function cutShortSome(
  rows: TaskRows,
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

export function isOver(rows: TaskRows): boolean {
  return rows.some(EVERYTHING, 1).length === 0;
}

/** Ends a listing pass. Returns the files that reach into the window. If the listing pass did not begin early
 * enough, also returns how far back the next pass must begin. */
export function endPass(state: ListingState, frame: Frame): PassTurn & { lookAgainMs: number | null } {
  const { longestRangeMs, lookbackMs } = state;
  // A listing pass lists whole days, and also the day before them.
  const isShort = longestRangeMs * 2 > lookbackMs + DAY_MS && lookbackMs < MAX_LOOKBACK_MS;
  return {
    state: { ...state, underWay: false, completeAsOf: state.startedAt, series: {} },
    files: reachingFiles(state.series ?? {}, frame.spec.startMs),
    named: [],
    lookAgainMs: isShort ? Math.min(MAX_LOOKBACK_MS, longestRangeMs * 2) : null,
  };
}
