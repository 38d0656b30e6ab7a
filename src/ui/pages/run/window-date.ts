// The date that a person types to confirm an action that cannot be undone.
import type { Stage } from "../../../contract/states.ts";
import { zone } from "../../state/settings.ts";
import { wallClock } from "../../text/time.ts";

/** The facts about a run that the verbs of its files and batches need. */
export interface RunOfRow {
  id: string;
  window: { start: string };
  stage_code: Stage;
  dry_run: boolean;
}

/** The date on which the window begins, in the chosen zone. */
export function dateOf({ window }: { window: { start: string } }): string {
  return wallClock(window.start, zone.value)?.date ?? window.start;
}
