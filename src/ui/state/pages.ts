// A long list that is read page by page. The document contains at most two pages of 200 rows. When a person goes
// back, earlier pages are read again.
import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Page } from "../../contract/states.ts";
import { ask } from "../api/client.ts";
import type { Path } from "../api/paths.ts";
import { isLost, type Problem } from "../api/problem.ts";
import { PAGES_SHOWN, withEarlier, withNext, type ListState, type LoadedPage } from "./list-state.ts";
import { addSource, type Source } from "./poller.ts";
import { HIDDEN_MS } from "./rhythm.ts";
import { noteProblem, signInProblem } from "./session.ts";

export const ROWS_PER_PAGE = 200;

/** `path` makes the path of a page from its cursor and its limit. */
export interface ListOptions<Row> {
  path: (cursor: string | null, limit: number) => Path<Page<Row>>;
  works?: (rows: Row[]) => boolean;
  slowestMs?: number;
}

export class List<Row> implements Source {
  readonly state: Signal<ListState<Row> | null> = signal(null);
  readonly problem: Signal<Problem | null> = signal(null);
  /** True: the list is loading a page that the person asked for. */
  readonly isLoading = signal(false);
  /** True: the page has too few rows yet, and the next request is open. */
  readonly isSearching = signal(false);
  askedAt: number | null = null;
  isBusy = false;
  slowestMs: number;
  private last: Promise<void> = Promise.resolve();
  private requests = 0;
  private isStopped = false;

  private readonly options: ListOptions<Row>;

  constructor(options: ListOptions<Row>) {
    this.options = options;
    this.slowestMs = options.slowestMs ?? 0;
  }

  rows(): Row[] | null {
    return this.state.value?.pages.flatMap((page) => page.rows) ?? null;
  }

  hasMore(): boolean {
    return (this.state.value?.pages.at(-1)?.next ?? null) !== null;
  }

  hasEarlier(): boolean {
    return (this.state.value?.before.length ?? 0) > 0;
  }

  works(): boolean {
    const rows = this.state.peek()?.pages.flatMap((page) => page.rows);
    return rows !== undefined && (this.options.works?.(rows) ?? false);
  }

  /** Reads the shown pages again. */
  async refresh(): Promise<void> {
    if (this.isBusy) return;
    await this.exclusively(async () => {
      const shown = this.state.peek() ?? { pages: [{ cursor: null, rows: [], next: null }], before: [] };
      const pages: LoadedPage<Row>[] = [];
      this.requests = 0;
      for (const { cursor } of shown.pages) {
        const page = await this.read(cursor);
        if (page === null) return;
        pages.push(page);
      }
      this.state.value = { pages, before: shown.before };
      // If a filter finds few rows in a long list, one refresh needs many requests. Such a refresh is not repeated
      // every 2 s.
      this.slowestMs = Math.max(this.options.slowestMs ?? 0, this.requests > PAGES_SHOWN ? HIDDEN_MS : 0);
    });
  }

  async more(): Promise<void> {
    const next = this.state.peek()?.pages.at(-1)?.next ?? null;
    if (next !== null) await this.add(next, withNext);
  }

  async earlier(): Promise<void> {
    const cursor = this.state.peek()?.before.at(-1);
    if (cursor !== undefined) await this.add(cursor, withEarlier);
  }

  /** Stops requesting the list. Called when no component shows the list any more. */
  stop(): void {
    this.isStopped = true;
  }

  private async add(cursor: string | null, merge: typeof withNext<Row>): Promise<void> {
    this.isLoading.value = true;
    await this.exclusively(async () => {
      const page = await this.read(cursor);
      const state = this.state.peek();
      if (page && state) this.state.value = merge(state, page);
    });
    this.isLoading.value = false;
  }

  /** Runs one change of the list after the other. Two at once could lose a page. */
  private exclusively(work: () => Promise<void>): Promise<void> {
    this.last = this.last.then(async () => {
      if (this.isStopped || signInProblem.peek() !== null) return;
      this.isBusy = true;
      this.askedAt = Date.now();
      await work();
      this.isBusy = false;
    });
    return this.last;
  }

  /** Reads until the page is full. With a filter, an answer may be short or empty although more rows follow. */
  private async read(cursor: string | null): Promise<LoadedPage<Row> | null> {
    const rows: Row[] = [];
    let next = cursor;
    do {
      const answer = await ask(this.options.path(next, ROWS_PER_PAGE - rows.length));
      this.requests++;
      noteProblem(answer.ok ? null : answer.problem);
      if (this.isStopped) return null;
      if (!answer.ok) {
        if (!isLost(answer.problem)) this.problem.value = answer.problem;
        return null;
      }
      this.problem.value = null;
      rows.push(...answer.data.items);
      next = answer.data.next_cursor;
      this.isSearching.value = next !== null && rows.length < ROWS_PER_PAGE;
    } while (this.isSearching.value);
    return { cursor, rows, next };
  }
}

/** Returns a list for as long as the component is shown. A new `key`, such as another filter, makes a new list. */
export function useList<Row>(key: string, options: ListOptions<Row>): List<Row> {
  // The options are new objects at each render. So only `key` decides whether a new list is needed.
  const list = useMemo(() => new List(options), [key]);
  useEffect(() => {
    const leave = addSource(list);
    return () => {
      leave();
      list.stop();
    };
  }, [list]);
  return list;
}
