// The feeds of the queue's state, and of the windows that are running or need a person. The address names the receiver
// whose queue the page shows.
import { computed } from "@preact/signals";
import type { WindowListAnswer } from "../../../contract/api/api-types.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { feedOf, type Feed } from "../../state/feed.ts";
import { place } from "../../state/location.ts";
import { receiverOfQuery } from "../../state/receiver-names.ts";

const SHOWN = 100;

/** The receiver whose queue the page shows. Null: the first receiver. */
export const queueReceiver = computed(() => receiverOfQuery(place.value.query));

export function openFeedOf(receiver: string | null): Feed<WindowListAnswer> {
  const state = "running,needs_attention,blocked";
  return feedOf(queuePaths.windows({ receiver, state, limit: SHOWN }), {
    works: ({ queue }) => queue.running > 0,
  });
}

/** The feed of the queue that the page shows. */
export function openFeed(): Feed<WindowListAnswer> {
  return openFeedOf(queueReceiver.value);
}

/** True: a window is running, so the lists of windows may change at any time. */
export function isQueueAtWork(): boolean {
  return (openFeedOf(queueReceiver.peek()).data.peek()?.queue.running ?? 0) > 0;
}
