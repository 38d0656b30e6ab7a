// The prefixes of the bucket below which no raw log lies, because this system or the live worker writes there.

/** A run writes its packs and its evidence below these prefixes. A run that read them as logs would replay its own
 * output. */
export const RUN_PREFIXES = ["processed-backfill/", "backfill-reports/"];
/** LIVE_PREFIX of the first deployments. Its markers stay in the bucket when the var changes. */
const FIRST_LIVE_PREFIX = "processed/";

/** All prefixes that are never input. `livePrefix`: LIVE_PREFIX, which ends in "/". */
export function ownPrefixes(livePrefix: string = FIRST_LIVE_PREFIX): ReadonlySet<string> {
  // The predecessor of this Worker kept its state below the last one.
  return new Set([livePrefix, FIRST_LIVE_PREFIX, ...RUN_PREFIXES, "backfill-state/"]);
}
