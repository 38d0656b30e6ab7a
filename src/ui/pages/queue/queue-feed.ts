// The feeds of the queue's state, and of the windows that are running or need a person.
import { queuePaths } from "../../api/queue-paths.ts";
import { feedOf } from "../../state/feed.ts";

const SHOWN = 100;

export const openFeed = feedOf(
  queuePaths.windows({ state: "running,needs_attention,blocked", limit: SHOWN }),
  { works: ({ queue }) => queue.running > 0 },
);

/** True: a window is running, so the lists of windows may change at any time. */
export function isQueueAtWork(): boolean {
  return (openFeed.data.peek()?.queue.running ?? 0) > 0;
}
