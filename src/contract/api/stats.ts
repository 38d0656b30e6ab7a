// The schema of GET /stats's answer: sums over many runs.
import * as v from "valibot";
import { STATS_ZONES } from "../stats.ts";
import { Count, InstantText, about } from "./shapes.ts";

const TotalEntries = {
  runs: v.strictObject({
    all: Count,
    delivered: Count,
    aborted: Count,
    counted: about(Count, "Dry runs that have counted."),
    under_way: about(Count, "Runs that have not ended."),
    without_figures: about(Count, "Runs of all kinds that reported no bytes, time and cost."),
  }),
  log_lines_sent: Count,
  duplicate_lines: Count,
  possible_duplicate_lines: Count,
  exceptions: Count,
  bytes: about(v.strictObject({ read: Count, sent: Count }), "Both are lower bounds."),
  sending_seconds: Count,
  cost_usd: about(
    v.pipe(v.number(), v.minValue(0)),
    "What the runs counted, without estimates. A lower bound.",
  ),
};

export const StatsAnswer = v.strictObject({
  since: InstantText,
  until: InstantText,
  zone: v.picklist(STATS_ZONES),
  ...TotalEntries,
  days: about(
    v.array(
      v.strictObject({
        day: about(v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/)), "The date of the day in `zone`."),
        ...TotalEntries,
      }),
    ),
    "By the day of creation, oldest first. A day without a run is left out.",
  ),
});
export type StatsAnswer = v.InferOutput<typeof StatsAnswer>;
