// Opens a listing pass of a run: stores its first tasks and the state of the pass.
import type { RunContext, StartedRun } from "../context/context.ts";
import { frameOf, listingSpec } from "../../../src/listing/list-tasks.ts";
import type { ListingState } from "../../../src/listing/listing.ts";
import { beginPass } from "../../../src/listing/pass.ts";

/** Begins a new listing pass with this margin and lookback. */
export function openPass(
  context: RunContext,
  run: StartedRun,
  limits: Pick<ListingState, "marginMs" | "lookbackMs" | "mode" | "completeAsOf">,
): void {
  const { store, now } = context;
  const { marginMs, lookbackMs, mode, completeAsOf } = limits;
  const frame = frameOf(listingSpec(run.spec), marginMs, lookbackMs);
  store.named.begin();
  const listing = beginPass(store.listing, { ...run.listing, completeAsOf }, frame, mode, now);
  store.run.update({ listing_json: JSON.stringify(listing) });
}
