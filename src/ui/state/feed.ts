// The data of one path of the API, requested again and again. All components that show the same path share one feed.
import { signal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../api/client.ts";
import type { Path } from "../api/paths.ts";
import { isLost, type Problem } from "../api/problem.ts";
import { addSource, refreshAll, type Source } from "./poller.ts";
import { noteProblem, signInProblem } from "./session.ts";

export interface FeedOptions<T> {
  /** True: the data are changing now. They are then requested every 2 s. */
  works?: (data: T) => boolean;
  slowestMs?: number;
  /** True: other data changed too, for example because a run was delivered. All feeds are then requested again. */
  changesOthers?: (before: T, after: T) => boolean;
}

export class Feed<T> implements Source {
  /** The newest data. They stay while the API cannot be reached. */
  readonly data: Signal<T | null> = signal(null);
  /** Why the API refuses this path. A missing answer is not a refusal. */
  readonly problem: Signal<Problem | null> = signal(null);
  /** When the newest data arrived, in epoch ms. */
  readonly asOf: Signal<number | null> = signal(null);
  askedAt: number | null = null;
  isBusy = false;
  slowestMs: number;
  users = 0;
  private leave: (() => void) | null = null;

  readonly path: Path<T>;
  private readonly options: FeedOptions<T>;

  constructor(path: Path<T>, options: FeedOptions<T> = {}) {
    this.path = path;
    this.options = options;
    this.slowestMs = options.slowestMs ?? 0;
  }

  works(): boolean {
    const data = this.data.peek();
    return data !== null && (this.options.works?.(data) ?? false);
  }

  async refresh(): Promise<void> {
    if (this.isBusy || signInProblem.peek() !== null) return;
    this.isBusy = true;
    this.askedAt = Date.now();
    const answer = await ask(this.path);
    this.isBusy = false;
    noteProblem(answer.ok ? null : answer.problem);
    if (answer.ok) {
      const before = this.data.peek();
      this.data.value = answer.data;
      this.asOf.value = Date.now();
      this.problem.value = null;
      if (before !== null && this.options.changesOthers?.(before, answer.data)) refreshFeeds();
    } else if (!isLost(answer.problem)) {
      this.problem.value = answer.problem;
    }
  }

  retain(): () => void {
    if (this.users++ === 0) this.leave = addSource(this);
    return () => {
      if (--this.users > 0) return;
      this.leave?.();
      forgetOldFeeds();
    };
  }
}

/** How many feeds stay in memory that no component shows. When the person goes back, the page shows their data at
 * once. */
const MAX_UNUSED = 20;
const feeds = new Map<string, Feed<unknown>>();

function forgetOldFeeds(): void {
  const unused = [...feeds].filter(([, feed]) => feed.users === 0);
  for (const [path] of unused.slice(0, Math.max(0, unused.length - MAX_UNUSED))) feeds.delete(path);
}

/** The registry learns of a change of a run a moment after the run. */
const REGISTRY_LAG_MS = 2_000;

/** Requests all shown data again, now and when the registry knows of the change, and forgets data that are not
 * shown. */
function refreshFeeds(): void {
  for (const [path, feed] of feeds) if (feed.users === 0) feeds.delete(path);
  refreshAll();
  setTimeout(refreshAll, REGISTRY_LAG_MS);
}

export function feedOf<T>(path: Path<T>, options: FeedOptions<T> = {}): Feed<T> {
  const known = feeds.get(path) as Feed<T> | undefined;
  if (known) return known;
  const feed = new Feed(path, options);
  feeds.set(path, feed as Feed<unknown>);
  return feed;
}

/** Returns the feeds of several paths, and requests their data while the component is shown. */
export function useFeeds<T>(paths: readonly Path<T>[]): Feed<T>[] {
  const all = paths.map((path) => feedOf(path));
  useEffect(() => {
    const leaves = all.map((feed) => feed.retain());
    return () => {
      for (const leave of leaves) leave();
    };
  }, [paths.join(" ")]);
  return all;
}

/** Returns the feed of a path, and requests its data while the component is shown. Null: there is no path yet. */
export function useFeed<T>(path: Path<T> | null, options: FeedOptions<T> = {}): Feed<T> | null {
  const feed = path === null ? null : feedOf(path, options);
  useEffect(() => feed?.retain(), [feed]);
  return feed;
}
