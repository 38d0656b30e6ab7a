// Lists the window again on an operator's command, and adds late files to the run.
import type { RunContext, StartedRun } from "../context/context.ts";
import { no, type Done } from "./outcome.ts";
import { openPass } from "../files/open-pass.ts";

/** Begins a listing pass in which new keys become files of the run. Cleanup waits for their delivery and a new
 * grace period. */
export function takeLate(context: RunContext, run: StartedRun): Done {
  const late = context.store.named.shown().find(({ kind }) => kind === "late_file");
  if (!late) return no("nothing_to_accept", "no file came late");
  openPass(context, run, { ...run.listing, mode: "take", completeAsOf: null });
  context.store.named.forget("late_file");
  context.store.run.update({ cleanup_state: "pending", cleanup_ends_at: null });
  return { ok: true, changed: late.count };
}
