// The schema of GET /stats's answer: sums over many runs.
import * as v from "valibot";
import { STATS_ZONES } from "../stats.ts";
import { Count, InstantText, about, named } from "./shapes.ts";

const TotalEntries = {
  runs: about(
    v.strictObject({
      all: about(Count, "All runs."),
      delivered: about(Count, "Runs that delivered their window."),
      aborted: about(Count, "Runs that were aborted."),
      counted: about(Count, "Dry runs that have counted."),
      under_way: about(Count, "Runs that have not ended."),
      without_figures: about(Count, "Runs of all kinds that reported no bytes, time and cost."),
    }),
    "Runs by how they ended.",
  ),
  log_lines_sent: about(Count, "Lines that the runs delivered, each counted once."),
  duplicate_lines: about(Count, "Lines that the receiver accepted more than once."),
  possible_duplicate_lines: about(
    Count,
    "Lines that may have arrived twice, in addition to `duplicate_lines`. An upper bound.",
  ),
  exceptions: about(Count, "Decisions by operators, and files that were read only in part."),
  bytes: about(
    v.strictObject({
      read: about(Count, "Compressed bytes of raw objects."),
      sent: about(Count, "Compressed bytes of the bodies of POSTs."),
    }),
    "Both are lower bounds.",
  ),
  sending_seconds: about(Count, "Seconds in which a sender had at least one batch. A lower bound."),
  cost_usd: about(
    v.pipe(v.number(), v.minValue(0)),
    "What the runs counted, in US$, without estimates. A lower bound.",
  ),
};

export const StatsAnswer = named(
  "StatsAnswer",
  "Totals over the runs that were created in a range.",
  v.strictObject({
    since: about(InstantText, "The beginning of the range. Runs created at this instant count."),
    until: about(InstantText, "The end of the range. Runs created at this instant count."),
    zone: about(v.picklist(STATS_ZONES), "The zone whose midnight begins a day: `UTC` or `Asia/Shanghai`."),
    ...TotalEntries,
    days: about(
      v.array(
        v.strictObject({
          day: about(
            v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/)),
            "The date of the day in `zone`, as `YYYY-MM-DD`.",
          ),
          ...TotalEntries,
        }),
      ),
      "By the day of creation, oldest first. A day without a run is left out.",
    ),
  }),
);
export type StatsAnswer = v.InferOutput<typeof StatsAnswer>;
