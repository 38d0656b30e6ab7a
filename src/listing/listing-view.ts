// Makes the member `listing` of the status. Does no I/O.
import { iso } from "../contract/instants.ts";
import type { ListingView } from "../contract/listing.ts";
import { isUnderWay, type ListingState } from "./listing.ts";

/** `farthestMs`: how far outside its file's range a kept record lay. `finalAt`: when the last listing pass may begin. */
export function listingView(
  listing: ListingState,
  { farthestMs, finalAt }: { farthestMs: number; finalAt: number },
): ListingView {
  return {
    pass: listing.pass,
    under_way: isUnderWay(listing),
    late_margin_minutes: listing.marginMs / 60_000,
    lookback_minutes: listing.lookbackMs / 60_000,
    longest_range_seconds: listing.longestRangeMs / 1_000,
    farthest_kept_seconds: farthestMs / 1_000,
    final_at: iso(finalAt),
  };
}
