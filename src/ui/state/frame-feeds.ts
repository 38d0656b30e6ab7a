// The data that the frame shows on every page: the deployment, and the runs that own a slot.
import { computed } from "@preact/signals";
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";
import { paths } from "../api/paths.ts";
import { feedOf, type Feed } from "./feed.ts";
import { isWorking } from "./run-stage.ts";

export const system = feedOf(paths.system);

/** The feed of a run. All components get it here, so that all request it equally often. */
export function runFeed(id: string): Feed<RunStatusAnswer> {
  return feedOf(paths.run(id), {
    works: (run) => isWorking(run.stage_code),
    // After a delivery, coverage shows the hole as replayed. Other runs and the queue may go on.
    changesOthers: (before, after) => before.delivery_completed !== after.delivery_completed,
  });
}

/** The runs that own the slots of the receivers. The run of the first receiver comes first. */
export const activeRunIds = computed(() =>
  (system.data.value?.receivers ?? []).flatMap(({ slot_holder: holder }) => holder ?? []),
);
