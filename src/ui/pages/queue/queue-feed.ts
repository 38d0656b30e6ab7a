// The state of the queue, and the windows that are at work or need a person.
import { queuePaths } from "../../api/queue-paths.ts";
import { feedOf } from "../../state/feed.ts";

const SHOWN = 100;

export const openFeed = feedOf(
  queuePaths.windows({ state: "running,needs_attention,blocked", limit: SHOWN }),
  { works: ({ queue }) => queue.running > 0 },
);

/** The lists of windows change while a window is at work. */
export function isQueueAtWork(): boolean {
  return (openFeed.data.peek()?.queue.running ?? 0) > 0;
}
