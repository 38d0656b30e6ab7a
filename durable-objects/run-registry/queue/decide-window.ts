// Decides what the window queue does with a requested window. The window may be a duplicate, or make a queued
// window grow. It may be blocked because a run sent some of its lines. Otherwise it is queued. Does no I/O.
import { MAX_WINDOW_MS, type DuplicateOf } from "../../../src/contract/windows.ts";
import type { Window } from "../../../src/contract/parse-spec.ts";
import { contains, isNear, overlap, remainderOf, unionOf } from "./intervals.ts";

/** A window that is queued or running. Or a series: a long range that the queue cuts into windows and has not cut
 * to its end. */
export interface ActiveWindow extends Window {
  id: number;
  /** Windows coalesce only when everything about their runs is equal. */
  key: string;
  /** True: a requested window may be merged into this window, which then becomes longer. False for a window that
   * has started, and for a series. */
  mayGrow: boolean;
}

/** A run that sends or has sent lines. Dry runs, and aborted runs without sent lines, do not count. */
export interface KnownRun {
  runId: string;
  window: Window;
  /** True: the run is delivered or under way, so it covers its window. */
  covers: boolean;
  /** True: the run is delivered. */
  delivered: boolean;
  /** True: the run has sent lines. */
  sent: boolean;
}

/** Finds active windows near a window without looking at all of them. Windows have at most 7 days. */
export class ActiveWindowIndex {
  readonly #windows: ActiveWindow[];
  readonly #series: ActiveWindow[];

  constructor(active: readonly ActiveWindow[]) {
    const isLong = (one: ActiveWindow): boolean => one.endMs - one.startMs > MAX_WINDOW_MS;
    this.#series = active.filter(isLong);
    this.#windows = active.filter((one) => !isLong(one)).sort((a, b) => a.startMs - b.startMs);
  }

  near(window: Window, gapMs: number): ActiveWindow[] {
    const from = this.#firstFrom(window.startMs - MAX_WINDOW_MS - gapMs);
    const found = this.#series.filter((one) => isNear(one, window, gapMs));
    for (let at = from; at < this.#windows.length; at += 1) {
      const one = this.#windows[at];
      if (!one || one.startMs > window.endMs + gapMs) break;
      if (isNear(one, window, gapMs)) found.push(one);
    }
    return found;
  }

  add(window: ActiveWindow): void {
    if (window.endMs - window.startMs > MAX_WINDOW_MS) this.#series.push(window);
    else this.#windows.splice(this.#firstFrom(window.startMs), 0, window);
  }

  remove(window: ActiveWindow): void {
    const at = this.#windows.indexOf(window, this.#firstFrom(window.startMs));
    if (at >= 0) this.#windows.splice(at, 1);
  }

  /** The index of the first window that starts at or after `ms`. */
  #firstFrom(ms: number): number {
    let [low, high] = [0, this.#windows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#windows[middle]?.startMs ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export interface PlaceOptions {
  key: string;
  /** True: lines may be sent again, so no run makes the window a duplicate or blocks it. */
  replay: boolean;
  skipSent: boolean;
  coalesceMs: number;
}

export type Place =
  | { kind: "duplicate"; of: DuplicateOf }
  /** `by` are the runs that sent lines of the window. */
  | { kind: "blocked"; by: KnownRun[] }
  /** The queued window `into` grows to `window`, and also covers the windows `takesIn`. */
  | { kind: "coalesced"; into: ActiveWindow; window: Window; takesIn: ActiveWindow[] }
  | { kind: "queued"; window: Window };

export function placeOf(
  window: Window,
  book: ActiveWindowIndex,
  runs: readonly KnownRun[],
  options: PlaceOptions,
): Place {
  const { replay, skipSent } = options;
  if (!replay) {
    const of = duplicateOf(window, book, countingRuns(runs, skipSent));
    if (of) return { kind: "duplicate", of };
    if (skipSent && remainderOf(window, deliveredBy(runs)).length === 0) {
      const covering = runs.filter((run) => run.delivered && overlap(run.window, window));
      return { kind: "duplicate", of: { runs: covering.map(({ runId }) => runId) } };
    }
    const by = sentIn(window, runs);
    if (by.length > 0 && !skipSent) return { kind: "blocked", by };
  }
  return coalesce(window, book, runs, options);
}

/** The windows of delivered runs, which a window with `skip_sent` leaves out when it starts. */
export function deliveredBy(runs: readonly KnownRun[]): Window[] {
  return runs.filter(({ delivered }) => delivered).map((run) => run.window);
}

/** A run that covers a part of the window and is not delivered yet. The run may still be aborted. */
export function openCover(window: Window, runs: readonly KnownRun[]): KnownRun | undefined {
  return runs.find((run) => run.covers && !run.delivered && remainderOf(window, [run.window])[0] !== window);
}

/** The runs that make a window a duplicate. With `skip_sent`, a window waits for a run that may still be aborted. */
export function countingRuns(runs: readonly KnownRun[], skipSent: boolean): readonly KnownRun[] {
  return skipSent ? runs.filter(({ delivered }) => delivered) : runs;
}

export function sentIn(window: Window, runs: readonly KnownRun[]): KnownRun[] {
  return runs.filter((run) => run.sent && overlap(run.window, window));
}

/** The queued window or the run that contains all of this window. */
export function duplicateOf(
  window: Window,
  book: ActiveWindowIndex,
  runs: readonly KnownRun[],
): { window: number } | { run: string } | null {
  const inQueue = book.near(window, 0).find((one) => contains(one, window));
  if (inQueue) return { window: inQueue.id };
  const run = runs.find((one) => one.covers && contains(one.window, window));
  return run ? { run: run.runId } : null;
}

/** Makes a queued window with the same options grow, and joins all windows that then touch. If the queued window
 * would become too long, it stays as it is, and the new window gives up the shared part. */
export function coalesce(
  window: Window,
  book: ActiveWindowIndex,
  runs: readonly KnownRun[],
  { key, replay, coalesceMs }: Pick<PlaceOptions, "key" | "replay" | "coalesceMs">,
): Exclude<Place, { kind: "blocked" }> {
  let grown = window;
  const joined: ActiveWindow[] = [];
  for (;;) {
    const near = book
      .near(grown, coalesceMs)
      .filter((one) => one.mayGrow && one.key === key && !joined.includes(one));
    const next = near.find((one) => mayJoin(grown, one, replay ? [] : runs));
    if (!next) break;
    grown = unionOf(grown, next);
    joined.push(next);
  }
  const [into, ...takesIn] = joined.sort((a, b) => a.id - b.id);
  if (into) return { kind: "coalesced", into, window: grown, takesIn };
  const tooLong = replay ? [] : book.near(window, 0).filter((one) => one.mayGrow && one.key === key);
  const [left] = remainderOf(window, tooLong);
  if (left) return { kind: "queued", window: left };
  return { kind: "duplicate", of: { windows: tooLong.map(({ id }) => id) } };
}

/** Whether two windows may become one. The union may not be longer than the window of one run, and may not cover
 * lines that were sent. */
function mayJoin(a: Window, b: Window, runs: readonly KnownRun[]): boolean {
  const union = unionOf(a, b);
  if (union.endMs - union.startMs > MAX_WINDOW_MS) return false;
  return sentIn(union, runs).every(({ window }) => overlap(window, a) || overlap(window, b));
}
