// Listing again at an operator's word: late files are taken in.
import type { RunContext, StartedRun } from "./context.ts";
import { no, type Done } from "./outcome.ts";
import { listingSpec } from "./lifecycle-verbs.ts";
import { beginPass } from "./listing.ts";

/** A new pass in which new keys become files of the run; cleanup waits for their delivery and a grace of its own. */
export function takeLate(context: RunContext, run: StartedRun): Done {
  const late = context.store.foreign().find(({ kind }) => kind === "late_file");
  if (!late) return no("nothing_to_accept", "no file came late");
  const { marginMs, lookbackMs } = run.listing;
  const limits = { marginMs, lookbackMs, mode: "take" as const };
  const listing = beginPass(
    { ...run.listing, completeAsOf: null },
    listingSpec(run.spec),
    limits,
    context.now,
  );
  context.store.clearForeign();
  context.store.run.update({
    listing_json: JSON.stringify(listing),
    cleanup_state: "pending",
    cleanup_ends_at: null,
  });
  return { ok: true, changed: late.count };
}
